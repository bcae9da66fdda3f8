// The Train view: a form that starts a training, the runs, and one of them followed live. The training is a process of its own;
// the studio's news say that something has changed, and this page asks how it stands, so nothing is lost when either goes away.

import { makeFollowed } from "./followed.js";
import { makeMoments } from "./moments.js";
import { makeComparison, makeList } from "./runs.js";
import { makeForm, read } from "./starting.js";
import { make } from "./wording.js";

const KEEP = "striate-train";
const BEAT = 10_000; // milliseconds: news apart, the page asks this often, which keeps the studio watching

export async function mount(element, studio) {
  element.classList.add("training");
  const form = makeForm(studio), moments = makeMoments(studio, () => look()), side = makeFollowed(moments.element);
  const comparison = makeComparison(), problem = make("p", "", "note"), sides = make("div", "", "trainsides");
  const list = makeList(
    { choose, compare: (runs) => ask("compare", { runs: runs.map(({ run }) => run) }).then((found) => found && comparison.show(found)) }
  );
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  sides.append(list.element, side.element);
  element.append(form.element, problem, sides, comparison.element);
  let chosen = null, records = [], timer = 0, awake = true, asking = null, anew = false, stale = true, lost = false, some = false;

  function complain(text) {
    problem.textContent = text ?? "";
    problem.hidden = !text;
  }
  /** Ask a verb; what the user can mend is said below the form, and null is given. */
  async function ask(verb, body) {
    try {
      const found = await studio.call(verb, body);
      complain(found.problem);
      return found.problem && found.state === undefined ? null : found;
    } catch (error) {
      studio.fail(error);
      return null;
    }
  }
  function choose(run) {
    if (chosen?.name !== run.name) records = [];
    chosen = run;
    sessionStorage.setItem(KEEP, JSON.stringify({ name: run.name }));
    stale = true;
    moments.follow(run);
    return look();
  }
  async function refreshList() {
    const { runs } = await studio.call("runs");
    stale = false;
    const wanted = chosen?.name ?? read(KEEP)?.name;
    const next = runs.find(({ name }) => name === wanted) ?? (chosen ? null : runs.find(({ state }) => state === "running") ?? runs[0]);
    if (next && next.name !== chosen?.name) records = [];
    chosen = next ?? chosen;
    moments.follow(chosen);
    list.show(runs, chosen?.name);
    some = runs.length > 0;
  }
  /** One look at how things stand. Of looks that are wanted meanwhile one follows, so none is lost and none piles up. */
  function look() {
    if (asking) anew = true;
    else asking = lookOnce().finally(() => {
      asking = null;
      if (anew) {
        anew = false;
        look();
      }
    });
    return asking;
  }
  async function lookOnce() {
    clearTimeout(timer);
    try {
      if (stale) await refreshList();
      if (chosen) await followOnce(chosen);
      else side.clear(some);
    } catch (error) {
      if (error.status === 403) awake = false; // another start of the studio: the frame says so
      else if (error.status !== 0) studio.fail(error); // 0: no answer, which the frame says
    }
    if (awake) timer = setTimeout(renew, BEAT);
  }
  async function followOnce(asked) {
    side.expect(asked.name);
    const first = records.length;
    const found = await studio.call("follow", { run: asked.run, first, sample: moments.sample, report: side.needsReport(asked.name) });
    if (asked !== chosen && asked.name !== chosen?.name) return void (anew = true);
    if (found.state === undefined) { // the studio holds its handle no more: the list has a new one, if the run is still there
      if (lost) chosen = null;
      lost = !lost;
      return void (stale = anew = true);
    }
    lost = false;
    if (found.count < records.length) {
      records = []; // gone on with from an earlier checkpoint
      anew = true;
      return;
    }
    if (found.first === records.length) records.push(...found.records);
    side.show(found, records);
    if (found.state !== chosen.state) stale = anew = true;
    chosen.state = found.state;
  }
  form.element.addEventListener("submit", async (event) => {
    event.preventDefault();
    complain("");
    const body = form.read();
    if (!body) return;
    form.start.disabled = true;
    const found = await studio.call("train", body).catch((error) => void studio.fail(error));
    form.start.disabled = false;
    if (found?.problem) form.blame(found.field, found.problem) || complain(found.problem);
    else if (found) choose({ ...found, state: "running" });
  });
  side.on.pause = (atOnce) => ask("pause", { run: chosen.run, at_once: atOnce }).then(look);
  side.on.question = (name) => studio.open("question", { run: name });
  side.on.resume = async () => {
    const found = await ask("resume", { run: chosen.run });
    if (found) records = [];
    stale = true;
    look();
  };
  const isMine = ({ name }) => name === chosen?.name;
  const renew = () => {
    if (!awake) return;
    stale = true;
    look();
    moments.refresh();
  };
  const offs = [
    studio.on("run", (news) => awake && isMine(news) && look()),
    studio.on("runs", () => { stale = true; if (awake) look(); }),
    studio.on("moments", (news) => awake && isMine(news) && moments.refresh()),
    studio.on("hello", renew),
    studio.on("missed", renew),
  ];
  await Promise.all([form.offer(), look()]);
  return {
    shown() { awake = true; renew(); },
    hidden() { awake = false; clearTimeout(timer); moments.stop(); },
    off() { for (const off of offs) off(); },
  };
}

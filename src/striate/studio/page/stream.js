// News from the studio: server-sent events over fetch, so that a hidden page can let go of its connection (a browser has six
// for all pages) and ask, when it is looked at again, for what it missed.

const FIRST_WAIT = 500, LONGEST_WAIT = 8000; // milliseconds

/**
 * Follow the news: `onNews(kind, data)` for each piece; `onState(connected, isOver)` when the connection comes, goes,
 * or can't come again.
 */
export function follow(onNews, onState) {
  let last = "", wait = FIRST_WAIT, running = null, stopped = false;

  async function run(control) {
    while (!control.signal.aborted && !stopped) {
      try {
        const response = await fetch("/events", { headers: last ? { "Last-Event-ID": last } : {}, signal: control.signal });
        if (response.status === 403) stopped = true; // another start of the studio: this page's key opens nothing there
        if (!response.ok) throw new Error(String(response.status));
        onState(true, false);
        wait = FIRST_WAIT;
        await read(response.body, control.signal);
      } catch (error) {
        if (control.signal.aborted) return;
      }
      if (control.signal.aborted) return;
      onState(false, stopped);
      await new Promise((resume) => setTimeout(resume, wait));
      wait = Math.min(LONGEST_WAIT, wait * 2);
    }
  }

  async function read(body, signal) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done || signal.aborted) return;
      text += value;
      const parts = text.split("\n\n");
      text = parts.pop();
      for (const part of parts) {
        const news = parse(part);
        if (!news) continue;
        last = news.id;
        onNews(news.event, JSON.parse(news.data));
      }
    }
  }

  function resume() {
    running?.abort();
    running = null;
    if (document.hidden || stopped) return;
    running = new AbortController();
    run(running);
  }

  document.addEventListener("visibilitychange", resume);
  addEventListener("pagehide", () => running?.abort());
  addEventListener("pageshow", (event) => event.persisted && resume());
  resume();
}

/** The fields of one event; null for a comment. */
function parse(text) {
  const fields = {};
  for (const line of text.split("\n")) {
    const place = line.indexOf(": ");
    if (place > 0) fields[line.slice(0, place)] = line.slice(place + 2);
  }
  return fields.event ? fields : null;
}

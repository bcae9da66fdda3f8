// One verb of the studio's: a JSON body there, a JSON answer back; what went wrong is a Failure with one line.

const PAGE = crypto.randomUUID();

/** What the studio refused or couldn't do; `line` and `column` are a place in a network's text, where there is one. */
class Failure extends Error {
  constructor(message, status, place = {}) {
    super(message);
    this.name = "Failure";
    this.status = status;
    this.line = place.line;
    this.column = place.column;
  }
}

/** Whether an error only says that nobody waits any more: an aborted call, or one that a later one overtook. */
export function isMoot(error) {
  return error?.name === "AbortError";
}

/** Ask a verb; `signal` (of an AbortController) gives up waiting. */
export function call(verb, body = {}, signal) {
  return post(verb, JSON.stringify(body), { "Content-Type": "application/json" }, signal);
}

/** Send a file; the answer holds its handle as `input`, and its kind, shape and rate. */
export function upload(file, signal) {
  const headers = { "Content-Type": "application/octet-stream", "Studio-Name": encodeURIComponent(file.name.slice(-120)) };
  return post("upload", file, headers, signal);
}

async function post(verb, body, headers, signal) {
  let response;
  try {
    response = await fetch(`/api/${verb}`, { method: "POST", body, signal, headers: { ...headers, "Studio-Page": PAGE } });
  } catch (error) {
    if (isMoot(error)) throw error;
    throw new Failure("The studio doesn't answer. Is it still running in its terminal?", 0);
  }
  const answer = await response.json().catch((error) => {
    if (isMoot(error)) throw error;
    return { error: `an answer that can't be read (${response.status})` };
  });
  if (answer.superseded) throw new DOMException("a later call overtook this one", "AbortError");
  if (!response.ok) throw new Failure(answer.error ?? `refused (${response.status})`, response.status, answer);
  return answer;
}

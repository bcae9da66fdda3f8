// Sounds that can be heard: written as WAV for a player, and recorded from a microphone.
const LEAST_RATE = 8000; // browsers refuse to play what is far below it
const played = [];

// Samples of any number of channels as 16-bit WAV; what is louder than full scale is brought down to it.
function writeWave(parts, rate) {
  const often = Math.max(1, Math.ceil(LEAST_RATE / rate)), count = parts[0].length * often, bytes = count * parts.length * 2;
  const view = new DataView(new ArrayBuffer(44 + bytes)), loudest = parts.reduce((top, part) => part.reduce((a, b) => Math.max(a, Math.abs(b)), top), 1);
  const put = (at, text) => [...text].forEach((sign, i) => view.setUint8(at + i, sign.charCodeAt(0)));
  put(0, "RIFF");
  put(8, "WAVEfmt ");
  put(36, "data");
  [[4, 36 + bytes], [16, 16], [24, rate * often], [28, rate * often * parts.length * 2], [40, bytes]].forEach(([at, value]) => view.setUint32(at, value, true));
  [[20, 1], [22, parts.length], [32, parts.length * 2], [34, 16]].forEach(([at, value]) => view.setUint16(at, value, true));
  for (let i = 0; i < count; i++)
    parts.forEach((part, k) => view.setInt16(44 + (i * parts.length + k) * 2, Math.round((part[Math.floor(i / often)] / loudest) * 32767), true));
  return view.buffer;
}

function makePlayer(parts, rate, label) {
  const url = URL.createObjectURL(new Blob([writeWave(parts, rate)], { type: "audio/wav" }));
  played.push(url);
  return build("audio", { controls: true, src: url, "aria-label": label });
}

// The players of the last answer are gone.
function dropPlayers() { played.splice(0).forEach((url) => URL.revokeObjectURL(url)); }

// A button that records for so many seconds, or until it is pressed again; none where the browser offers no microphone.
function mountRecorder(seconds, load, fail) {
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return null;
  let recorder = null;
  const start = async () => {
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: plain }), pieces = [];
    recorder = new MediaRecorder(stream);
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      [recorder, button.textContent] = [null, "Record"];
      load(new File(pieces, "the recording"));
    });
    recorder.start();
    button.textContent = "Stop recording";
    setTimeout((own) => own === recorder && own.stop(), seconds * 1000, recorder);
  };
  const refuse = () => fail("The browser lets this page hear no microphone. Load a recording instead.");
  const button = build("button", { type: "button", onclick: () => (recorder ? recorder.stop() : start().catch(refuse)) }, "Record");
  return button;
}

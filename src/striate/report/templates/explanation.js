// A line runs along the curves while a sound plays; a click on a curve goes there. One sound at a time.
for (const sound of document.querySelectorAll(".sound")) {
  const players = [...sound.querySelectorAll("audio")];
  const heads = [...sound.querySelectorAll(".head")];
  let last = players[0];
  const follow = () => {
    if (!last.duration) return;
    const at = (700 * last.currentTime) / last.duration;
    for (const head of heads) {
      head.setAttribute("x1", at);
      head.setAttribute("x2", at);
      head.setAttribute("visibility", "visible");
    }
    if (!last.paused) requestAnimationFrame(follow);
  };
  if (players.length) sound.classList.add("playing");
  for (const player of players) {
    player.addEventListener("play", () => {
      for (const other of document.querySelectorAll("audio")) if (other !== player) other.pause();
      last = player;
      follow();
    });
    player.addEventListener("seeked", () => {
      last = player;
      follow();
    });
  }
  for (const curve of sound.querySelectorAll("svg.sounding")) {
    curve.addEventListener("click", (event) => {
      const box = curve.getBoundingClientRect();
      if (last && last.duration) last.currentTime = ((event.clientX - box.left) / box.width) * last.duration;
    });
  }
}

// One clock for all ages and countdowns on the page.

const start = Date.now();
/** `second` moves every second, `slow` every ten: read the slow one unless seconds are shown. */
export const now = $state({ second: start, slow: start });

setInterval(() => {
  now.second = Date.now();
  if (now.second - now.slow >= 10_000) now.slow = now.second;
}, 1_000);

// Text from outside, made safe to read: characters that change how the text around them looks,
// or that nobody can see, are written out by their code point.

const NAMES = new Map([
  [0, "NUL"],
  [7, "BEL"],
  [8, "BS"],
  [9, "TAB"],
  [10, "LF"],
  [13, "CR"],
  [27, "ESC"],
  [127, "DEL"],
]);

/** C0, DEL, C1; bidi marks, embeddings, overrides, isolates; zero width, fillers, line and
 * paragraph separators, byte order mark, tag characters, variation selectors supplement. */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e01ef}]/gu;

export interface Part {
  text: string;
  hidden: boolean;
}

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `[${NAMES.get(code) ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`}]`;
}

/** `text` on one line, with every hidden character written out: `\n` is `[LF]`, U+202E `[U+202E]`. */
export function visible(text: string): string {
  return text.toWellFormed().replace(HIDDEN, written);
}

/** The same for a block of text: line ends and tabs stay what they are. */
export function visibleLines(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n/g, "\n")
    .replace(HIDDEN, (character) => (character === "\n" || character === "\t" ? character : written(character)));
}

/** `text` in pieces, so that what was written out can be told from what was there. */
export function parts(text: string): Part[] {
  const found: Part[] = [];
  let end = 0;
  const whole = text.toWellFormed();
  for (const match of whole.matchAll(HIDDEN)) {
    if (match.index > end) found.push({ text: whole.slice(end, match.index), hidden: false });
    found.push({ text: written(match[0]), hidden: true });
    end = match.index + match[0].length;
  }
  if (end < whole.length) found.push({ text: whole.slice(end), hidden: false });
  return found;
}

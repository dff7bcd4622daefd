// What nobody could see, or what would turn the text around it, is written out.
import { expect, test } from "vitest";
import { parts, visible, visibleLines } from "../../src/text/visible";

test.each([
  ["plain text, ümläüte, 漢字, 🙂", "plain text, ümläüte, 漢字, 🙂"],
  ["a\nb\tc\r\u0000", "a[LF]b[TAB]c[CR][NUL]"],
  ["\u001b[31mred\u009b0m\u007f", "[ESC][31mred[U+009B]0m[DEL]"],
  ["invoice_\u202Egpj.exe", "invoice_[U+202E]gpj.exe"],
  ["\u2066ltr\u2069\u200f\u061c", "[U+2066]ltr[U+2069][U+200F][U+061C]"],
  ["pay\u200bpal\u2060\ufeff\u00ad", "pay[U+200B]pal[U+2060][U+FEFF][U+00AD]"],
  ["tag\u{e0061}\u{e007f}", "tag[U+E0061][U+E007F]"],
  ["line\u2028end\u2029", "line[U+2028]end[U+2029]"],
  ["half \ud800 pair", "half \ufffd pair"],
  ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
])("%j", (text, shown) => expect(visible(text)).toBe(shown));

test("a block keeps its lines and tabs, and nothing else that is hidden", () => {
  expect(visibleLines("a\r\n\tb\u202e\rc")).toBe("a\n\tb[U+202E][CR]c");
});

test("parts tell what was written out from what was there", () => {
  expect(parts("a\u202e[U+202E]")).toEqual([
    { text: "a", hidden: false },
    { text: "[U+202E]", hidden: true },
    { text: "[U+202E]", hidden: false },
  ]);
  expect(parts("")).toEqual([]);
});

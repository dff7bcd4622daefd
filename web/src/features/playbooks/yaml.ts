// Enough of YAML's look to read a playbook by: comments, keys, the rest. No parser.

export interface Token {
  text: string;
  kind: "comment" | "key" | "expression" | "plain";
}

/** One line in pieces; together they are the line. */
export function tokens(line: string): Token[] {
  const comment = /^(\s*)#/.exec(line);
  if (comment) return [{ text: line, kind: "comment" }];
  const found: Token[] = [];
  const key = /^(\s*(?:- )?)([\w.-]+)(:)(?=\s|$)/.exec(line);
  let rest = line;
  if (key) {
    found.push(
      { text: key[1] ?? "", kind: "plain" },
      { text: key[2] ?? "", kind: "key" },
      { text: ":", kind: "plain" },
    );
    rest = line.slice(key[0].length);
  }
  for (const part of rest.split(/(\$\{\{.*?\}\})/)) {
    if (part) found.push({ text: part, kind: part.startsWith("${{") ? "expression" : "plain" });
  }
  return found.filter((token) => token.text !== "");
}

// Makes src/api/gen.d.ts of the schemas in openapi.json. With --check it only says whether that was
// forgotten. The paths are left out: client.ts takes them as text.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { format, resolveConfig } from "prettier";
import ts from "typescript";

const source = new URL("../openapi.json", import.meta.url);
const target = new URL("../src/api/gen.d.ts", import.meta.url);
const json = ts.factory.createTypeReferenceNode("Json");

/** An object that the document says nothing about may hold anything. */
function transform(schema) {
  const isOpen = schema.type === "object" && !schema.properties && !schema.additionalProperties;
  return isOpen && !schema.oneOf && !schema.allOf ? json : undefined;
}

const document = JSON.parse(await readFile(source, "utf8"));
const ast = await openapiTS(
  { ...document, paths: {} },
  {
    transform,
    inject: "type Json = null | boolean | number | string | Json[] | { [key: string]: Json };",
  },
);
const head = "// Made of openapi.json by `npm run types`.\n";
const options = await resolveConfig(target);
const text = await format(head + astToString(ast), { ...options, parser: "typescript" });

if (process.argv.includes("--check")) {
  const found = await readFile(target, "utf8").catch(() => "");
  if (found !== text) {
    console.error("src/api/gen.d.ts is not what openapi.json says; run: npm run types");
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}

// http.mjs ADDRESS PORT LOG: the server that a beacon calls. Answers every request with "ok", and
// appends one line per request (method, path, peer) to LOG. Prints "listening" when it is ready.
import { createServer } from "node:http";
import { appendFileSync } from "node:fs";

const [address, port, log] = process.argv.slice(2);

createServer((request, response) => {
    appendFileSync(log, `${request.method} ${request.url} ${request.socket.remoteAddress}\n`);
    request.resume();
    response.writeHead(200, { "content-type": "text/plain", connection: "close" });
    response.end("ok\n");
}).listen(Number(port), address, () => console.log("listening"));

// Places the steps of a playbook from top to bottom.
import { Graph, layout } from "@dagrejs/dagre";

export interface Placed {
  id: string;
  x: number;
  y: number;
}

export const NODE = { width: 224, height: 52 };

interface Shape {
  nodes: readonly { id: string }[];
  edges: readonly { from: string; to: string }[];
}

/** Left upper corners, in pixels. Edges that name no node are left out. */
export function place({ nodes, edges }: Shape): Placed[] {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 44, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(nodes.map((node) => node.id));
  for (const node of nodes) graph.setNode(node.id, { ...NODE });
  for (const [index, edge] of edges.entries()) {
    if (known.has(edge.from) && known.has(edge.to)) graph.setEdge(edge.from, edge.to, {}, String(index));
  }
  layout(graph);
  return nodes.map(({ id }) => {
    const { x, y } = graph.node(id) as { x: number; y: number };
    return { id, x: x - NODE.width / 2, y: y - NODE.height / 2 };
  });
}

/** Two graphs with the same key look the same but for their states. */
export function shapeKey({ nodes, edges }: Shape): string {
  return JSON.stringify([nodes.map((node) => node.id), edges.map((edge) => [edge.from, edge.to])]);
}

// What waits for people, for the navigation and the queue.
import { api } from "../api/client";
import { resource, type Resource } from "../api/resource.svelte";
import type { Approval, List, Question } from "../api/types";

interface Work {
  approvals: Approval[];
  questions: Question[];
}

let work = $state.raw<Resource<Work>>();

/** Called once, by the frame. */
export function startWork(): void {
  work = resource(
    async (signal) => {
      const query = { state: "waiting", limit: 200 };
      const [approvals, questions]: [List<Approval>, List<Question>] = await Promise.all([
        api.list<Approval>("/approvals", query, signal),
        api.list<Question>("/questions", query, signal),
      ]);
      return { approvals: approvals.items, questions: questions.items };
    },
    { on: ["approval", "question", "run"] },
  );
}

export const waitingApprovals = (): Approval[] => work?.data?.approvals ?? [];
export const waitingQuestions = (): Question[] => work?.data?.questions ?? [];

/** Whether a plan or a question of this incident waits for a person. */
export function waitsFor(incident: string): boolean {
  return [...waitingApprovals(), ...waitingQuestions()].some((item) => item.incident === incident);
}

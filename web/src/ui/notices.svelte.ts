// Short words about what was just done. Errors do not belong here: they stand where the person looks.

const SHOWN_MS = 6_000;
let last = 0;

export const notices = $state<{ id: number; text: string }[]>([]);

export function notify(text: string): void {
  const id = (last += 1);
  notices.push({ id, text });
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  const index = notices.findIndex((notice) => notice.id === id);
  if (index >= 0) notices.splice(index, 1);
}

/** The ids of a journal by their first characters. */
export interface ShortIds {
  add(id: string): void;
  /** As much of an id as names no other one. */
  shorten(id: string): string;
}

/** Characters of an id that are shown; what two ids share is shown in full. */
export const SHORT_ID_LENGTH = 8;

export function createShortIds(): ShortIds {
  const known = new Map<string, string>();
  const shared = new Set<string>();
  return {
    add(id) {
      const start = id.slice(0, SHORT_ID_LENGTH);
      const other = known.get(start);
      if (other === undefined) known.set(start, id);
      else if (other !== id) shared.add(start);
    },
    shorten(id) {
      const start = id.slice(0, SHORT_ID_LENGTH);
      return shared.has(start) ? id : start;
    },
  };
}

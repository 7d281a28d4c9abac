/** Remembers the last explanation of each topic, so that it is shown once, and again only when it changes. */
export interface SaidOnce {
  /** True if `text` differs from the last text of `topic`, which it then becomes. Topics must be few: our codes, Apple's, target names. */
  isNew(topic: string, text?: string): boolean;
}

export function createSaidOnce(): SaidOnce {
  const last = new Map<string, string>();
  return {
    isNew(topic, text = '') {
      if (last.get(topic) === text) return false;
      last.set(topic, text);
      return true;
    },
  };
}

/** What was explained before: said once, and again only where there is something new to say. */
export interface SaidOnce {
  /** Whether `text` is not what was said of `topic` last; from now on it is. Topics are few: words of ours, of Apple's, names of targets. */
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

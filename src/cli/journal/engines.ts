import { createEngine, type Engine } from '../../notification/engine.js';
import type { TrustedRoot } from '../../trust/roots.js';
import { readProjectRoot, TEST_AUTHORITY } from '../project-authority.js';

/** Judges what was recorded under the root that it was recorded under. */
export type EngineFor = (recordedRoot: string | null) => Engine;

/**
 * The project's authority is believed for what was verified under it when it came in, and for nothing else: that it was, `listen` was told
 * then. `folder` is the state folder.
 */
export function createEngines(folder: string, roots: readonly TrustedRoot[]): EngineFor {
  const usual = createEngine(roots);
  let testing: Engine | null = null;
  return (recordedRoot) => {
    if (recordedRoot !== TEST_AUTHORITY) return usual;
    testing ??= createEngine([...roots, ...readProjectRoot(folder)]);
    return testing;
  };
}

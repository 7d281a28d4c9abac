import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Loading the sources anew for each of 220 files takes longer than running them; no test patches a module or a global.
    isolate: false,
    // By default one core is left idle.
    maxWorkers: availableParallelism(),
    // Limits of a hang, not of speed: a machine at ten times its load must not reach them.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});

/** Exports of `dist/cli.cjs` for the shim in `bin/`. */
export { systemDeps } from './cli/system.js';

export { main } from './main.js';

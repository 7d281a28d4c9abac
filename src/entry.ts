/** What the built `dist/cli.cjs` offers to the shim in `bin/`. */
export { systemDeps } from './cli/system.js';

export { main } from './main.js';

/** What the built `dist/cli.js` offers to the shim in `bin/`. */
export { systemDeps } from './deps.js';
export { main } from './main.js';

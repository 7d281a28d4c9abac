/** Style of every picture. Its rules are limited to `.tl`, as a page may hold several pictures. */
export const SVG_STYLE = `
.tl { color-scheme: light dark; --sheet: #fff; --edge: #d8dee4; --text: #1f2328; --dim: #59636e; --odd: #8a5a00; --active: #2da44e; --grace: #d4a72c; --retry: #a475f9; --over: #b1bac4; --gone: #cf222e; }
@media (prefers-color-scheme: dark) { .tl { --sheet: #0d1117; --edge: #30363d; --text: #e6edf3; --dim: #9198a1; --odd: #e3b341; --active: #2ea043; --grace: #bb8009; --retry: #8957e5; --over: #484f58; --gone: #da3633; } }
.tl text { font: 13.5px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--text); }
.tl .h { font-size: 20px; font-weight: 600; } .tl .strong { font-weight: 600; } .tl .small { font-size: 12px; }
.tl .mono { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.tl .dim { fill: var(--dim); } .tl .odd { fill: var(--odd); }
.tl .sheet { fill: var(--sheet); stroke: var(--edge); }
.tl .key { fill: var(--text); } .tl .key.hollow { fill: var(--sheet); stroke: var(--text); stroke-width: 1.5; }
.tl .letter { font-size: 11px; font-weight: 600; text-anchor: middle; fill: var(--sheet); } .tl .letter.hollow { fill: var(--text); }
.tl .stem { stroke: var(--dim); fill: none; }
.tl .active { --bar: var(--active); } .tl .grace { --bar: var(--grace); } .tl .retry { --bar: var(--retry); }
.tl .expired, .tl .migrated, .tl .unknown { --bar: var(--over); } .tl .refunded, .tl .revoked { --bar: var(--gone); }
.tl .bar { fill: var(--bar); } .tl .bar.hollow { fill: none; stroke: var(--bar); stroke-width: 1.5; } .tl .bar.unknown { stroke-dasharray: 4 3; }
.tl .end { text-anchor: end; } .tl .future { opacity: .45; }
`;

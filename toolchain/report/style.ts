const LIGHT = `
    --page: #f6f7f9; --card: #ffffff; --text: #1c2430; --soft: #5d6878; --line: #dfe4ea;
    --good: #1a7f4b; --bad: #c5303c; --doubt: #9a6700; --on: #ffffff;
    --full: #2457b3; --diff: #b3541e; --incr: #7a4bb0; --wal: #6fa3d8;`;
const DARK = `
    --page: #10151c; --card: #19212b; --text: #e6ebf1; --soft: #9aa7b6; --line: #2c3743;
    --good: #3fb97c; --bad: #f2727b; --doubt: #e0b04a; --on: #10151c;
    --full: #7aa7f7; --diff: #f0a06a; --incr: #bf9aec; --wal: #4d7fb5;`;

/** Paper is light, whatever the screen is. */
export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 0 0 0.5rem; }
h3 { font-size: 0.9rem; margin: 0 0 0.25rem; }
p { margin: 0.25rem 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.9rem 1rem; }
.soft, figcaption, dt, th { color: var(--soft); }
.sentence { border-left: 6px solid var(--state); }
.sentence strong { color: var(--state); font-size: 1.15rem; }
.good { --state: var(--good); } .bad { --state: var(--bad); } .doubt { --state: var(--doubt); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.75rem; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.6rem 0.8rem; }
.tiles b { display: block; font-size: 1.3rem; line-height: 1.25; }
.tiles span { color: var(--soft); font-size: 0.82rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0.75rem 1.25rem; margin-top: 0.75rem; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figcaption { font-size: 0.82rem; }
svg { display: block; width: 100%; height: auto; white-space: pre; }
.narrow { display: none; }
.key { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: 0.82rem; color: var(--soft); margin: 0.25rem 0 0; padding: 0; list-style: none; }
.key i { display: inline-block; width: 0.75em; height: 0.75em; border-radius: 2px; margin-right: 0.35em; background: var(--mark); }
.none { color: var(--soft); font-style: italic; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; }
th, td { text-align: left; padding: 0.2rem 0.6rem 0.2rem 0; border-top: 1px solid var(--line); vertical-align: top; }
th { border-top: 0; font-weight: 500; }
td:first-child, td:last-child, dd, li, p { overflow-wrap: anywhere; }
td { font-variant-numeric: tabular-nums; }
ul { margin: 0; padding-left: 1.2rem; }
dl { margin: 0; font-size: 0.85rem; display: grid; grid-template-columns: minmax(min-content, 2fr) 5fr; gap: 0.1rem 0.75rem; }
dd { margin: 0; }
footer { color: var(--soft); font-size: 0.82rem; }
@media (max-width: 700px) {
    main { padding: 0.6rem; gap: 0.6rem; }
    section { padding: 0.7rem; }
    .wide { display: none; }
    .narrow { display: block; }
    .minor { display: none; }
}
@media print {
    @page { size: A4; margin: 9mm; }
    :root { font-size: 11px; }
    body { background: none; font-size: 11px; line-height: 1.3; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    main { max-width: none; padding: 0; gap: 2.2mm; }
    .wide { display: block; } .narrow { display: none; } .minor { display: table-cell; }
    section { padding: 2mm 3mm; border-radius: 2mm; }
    h2 { margin-bottom: 1mm; break-after: avoid; }
    .tiles { grid-template-columns: repeat(5, 1fr); gap: 2mm; }
    .tiles div { padding: 1.5mm 2.5mm; }
    .grid { grid-template-columns: repeat(2, 1fr); gap: 1.5mm 3mm; margin-top: 1mm; }
    .grid svg { max-height: 24mm; }
    .newest { display: none; }
    .grid.settings { display: block; columns: 3; column-gap: 4mm; }
    .grid.settings > div { break-inside: avoid; margin-bottom: 1mm; }
    th, td { padding: 0.2mm 2mm 0.2mm 0; }
}
`;

/** The look of the panel: the paper, ink and one gold of the project's other pages, in a corner of somebody else's. */

/** What is important inside of a shadow root counts more than what is important to the page around it. */
const HOST_STYLE = (
  "all:initial;display:block;position:fixed;inset:auto 16px 16px auto;z-index:2147483647;border:0;padding:0;" +
  "background:none;overflow:visible;color-scheme:light dark;"
).replaceAll(";", "!important;");

export const PANEL_STYLE = `
:host{${HOST_STYLE}}
section{
--surface:#fff;--ink:#1a1917;--soft:#5c5954;--line:#dedbd5;--sunken:#eceae6;--accent:#8a5200;--corona:#d98c14;--problem:#a32c14;
--shadow:0 0 0 1px #1a16101a,0 2px 4px #1a16100f,0 12px 32px #1a161029}
@media (prefers-color-scheme:dark){section{
--surface:#1b1a20;--ink:#f0eee9;--soft:#a8a4a0;--line:#3a3842;--sunken:#0c0b0f;--accent:#f3b757;--corona:#f0ac40;--problem:#ff9c82;
--shadow:0 0 0 1px #ffffff1f,0 12px 32px #0009}}
*{box-sizing:border-box;margin:0;padding:0}
section{width:340px;max-width:calc(100vw - 32px);margin-top:8px;padding:14px 16px 12px;border-radius:14px;
background:var(--surface);color:var(--ink);box-shadow:var(--shadow);
font:13px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Cantarell,sans-serif;
animation:in .24s cubic-bezier(.2,0,0,1);transition:opacity .42s}
section.over{opacity:0}
@keyframes in{from{opacity:0;transform:translateY(8px)}}
header{display:flex;align-items:center;gap:10px}
i{flex:none;width:18px;height:18px;border-radius:50%;background:var(--ink);box-shadow:0 0 0 2px var(--surface),0 0 0 3px var(--corona),0 0 9px 2px var(--corona)}
@media (prefers-color-scheme:dark){i{background:#09080b}}
b{flex:1;min-width:0;font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
progress{appearance:none;display:block;width:100%;height:4px;margin:10px 0 2px;border:0;border-radius:2px;background:var(--sunken);overflow:hidden}
progress::-webkit-progress-bar{background:var(--sunken)}
progress::-webkit-progress-value{background:var(--corona);border-radius:2px;transition:width .24s}
progress::-moz-progress-bar{background:var(--corona);border-radius:2px}
ul{list-style:none;max-height:40vh;overflow:auto;padding-bottom:4px}
li{padding-top:6px}
ul.many li+li{border-top:1px solid var(--line);margin-top:6px}
.name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.line{display:flex;gap:8px;align-items:baseline;color:var(--soft);font-variant-numeric:tabular-nums}
.line span{flex:1;min-width:0}
li.failed .line{color:var(--problem)}
p{margin-top:8px;color:var(--soft)}
.ask,footer{display:flex;flex-wrap:wrap;gap:6px;margin-top:8px}
footer{justify-content:flex-end;align-items:center;column-gap:10px}
button{font:inherit;color:var(--ink);background:none;border:1px solid var(--line);border-radius:8px;padding:4px 9px;cursor:pointer}
button:hover{background:var(--sunken)}
button:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
button.first{color:var(--surface);background:var(--ink);border-color:var(--ink)}
button.link{border:0;padding:0 2px;color:var(--soft);text-decoration:underline;text-underline-offset:2px}
[hidden]{display:none!important}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media (forced-colors:active){section{border:1px solid}i{forced-color-adjust:none}}
`;

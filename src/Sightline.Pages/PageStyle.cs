namespace Sightline.Pages;

/// <summary>The page's style sheet: one column on a phone, light or dark as the reader's system is.</summary>
internal static class PageStyle
{
    internal const string Css = """
        :root{color-scheme:light dark;--bg:#f6f6f3;--card:#fff;--ink:#1d2126;--muted:#646b75;--line:#e2e3de;--train:#3569b8;--val:#d3661f;--good:#1f8a5f;--bad:#c23b33;--on:#fff;--rate:#7a5bb5}
        @media(prefers-color-scheme:dark){:root{--bg:#14171b;--card:#1c2026;--ink:#e8eaed;--muted:#9aa3ad;--line:#30363e;--train:#7ea9ec;--val:#f09a5c;--good:#4fbf90;--bad:#ee7a70;--on:#101317;--rate:#b49ae8}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%;overflow-wrap:anywhere}
        main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}
        h1{font-size:1.9rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:1.25rem;margin:44px 0 14px}
        h3{font-size:1rem;margin:0}
        p{margin:10px 0 0}
        .muted{color:var(--muted);font-size:.9rem}
        .card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px;margin:0;min-width:0}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:22px}
        .cards b{display:block;white-space:nowrap;font-size:1.4rem;line-height:1.2;font-variant-numeric:tabular-nums}
        .cards span{display:block;color:var(--muted);font-size:.85rem}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:16px}
        figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 16px;align-items:baseline}
        .legend{display:flex;gap:14px;font-size:.85rem;color:var(--muted)}
        .legend b{color:var(--ink);font-variant-numeric:tabular-nums}
        .legend i,.key{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:5px;background:currentColor}
        svg{display:block;width:100%;height:auto;margin-top:8px}
        .tick{font-size:11.5px;fill:var(--muted);font-variant-numeric:tabular-nums}
        .name{fill:var(--ink);unicode-bidi:isolate}
        .grid{stroke:var(--line);stroke-width:1}
        .curve{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .dot{fill:currentColor}
        .train{color:var(--train)}.val{color:var(--val)}.rate{color:var(--rate)}
        .charts>*,.two>*,.cards>*{min-width:0}
        .card>h3{margin-top:18px}
        .two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:16px;align-items:start}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.92rem}
        th,td{padding:6px 10px;text-align:left;border-bottom:1px solid var(--line);font-weight:400}
        thead th,.n{overflow-wrap:normal}
        thead th{color:var(--muted);font-size:.82rem}
        tbody th{overflow-wrap:anywhere;min-width:7em}
        tfoot th,tfoot td{color:var(--muted)}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .meter{background:linear-gradient(to right,color-mix(in srgb,var(--train) 20%,transparent) var(--part),transparent var(--part)) no-repeat 5px center/calc(100% - 10px) 72%}
        .matrix{margin:0 auto}
        .hit{fill:color-mix(in srgb,var(--good) calc(100%*var(--shade)),var(--bg))}
        .miss{fill:color-mix(in srgb,var(--bad) calc(100%*var(--shade)),var(--bg))}
        .cell{font-size:12px;fill:var(--ink);font-variant-numeric:tabular-nums}.cell.on{fill:var(--on)}
        .pairs{margin:8px 0 0;padding-left:1.4em}
        .reliability{max-width:420px;margin:0 auto}
        .bar{fill:var(--train)}.faint{opacity:.55}
        .over{fill:var(--bad);opacity:.7}.under{fill:var(--good);opacity:.7}
        .key.over{background:var(--bad)}.key.under{background:var(--good)}
        .ideal{stroke:var(--ink);stroke-dasharray:4 4;opacity:.7}
        .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px}
        .gallery figure{background:var(--card);border:1px solid var(--line);border-radius:12px;margin:0;overflow:hidden}
        .gallery img{display:block;width:100%;aspect-ratio:1;object-fit:contain;image-rendering:pixelated;background:#808080}
        .gallery figcaption{display:block;padding:8px 10px;font-size:.85rem;line-height:1.35}
        .gallery span{display:block;overflow-wrap:anywhere}
        .wrong{color:var(--bad)}.right{color:var(--good)}.file{color:var(--muted);font-size:.78rem}
        details{margin-top:12px}
        summary{cursor:pointer;font-weight:600}
        pre{overflow:auto;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:12px 14px;font:13px/1.45 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;max-height:70vh}
        code{font:13px/1.45 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;background:var(--bg);border:1px solid var(--line);border-radius:5px;padding:1px 5px}
        .mark{fill:var(--bad);opacity:.13}.mark-line{stroke:var(--bad);stroke-width:4}
        .verdict{font-size:1.15rem}.sick{color:var(--bad)}.healthy{color:var(--good)}
        .try{margin:10px 0 0;padding-left:1.2em}.try li{margin-top:6px}.try code{display:inline-block;margin-top:3px}
        footer{margin-top:48px;border-top:1px solid var(--line);padding-top:14px}
        @media print{body{background:#fff}details{display:block}.card,figure{break-inside:avoid}}
        """;
}

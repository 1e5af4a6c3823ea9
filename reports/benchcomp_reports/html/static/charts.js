// What the plots share: colours and markers of the series, the look, and drawing with Plotly.

const PALETTE = 8;
const MARKS = [
  { symbol: 'circle', path: 'M14 2a4 4 0 1 0 .01 0z' },
  { symbol: 'square', path: 'M10.5 2.5h7v7h-7z' },
  { symbol: 'diamond', path: 'M14 1l5 5-5 5-5-5z' },
  { symbol: 'triangle-up', path: 'M14 1.5l5 8.5H9z' },
  { symbol: 'x', path: 'M10 4l2-2 2 2 2-2 2 2-2 2 2 2-2 2-2-2-2 2-2-2 2-2z' },
  { symbol: 'triangle-down', path: 'M14 10.500l5-8.500H9z' },
  { symbol: 'cross', path: 'M12.500 1.500h3v3h3v3h-3v3h-3v-3h-3v-3h3z' },
  { symbol: 'star', path: 'M14 .5l1.500 3.700 4 .3-3 2.600 1 3.900-3.500-2.100-3.500 2.100 1-3.900-3-2.600 4-.3z' },
];

/** A colour of the style sheet as the browser resolves it now (light or dark). */
function cssColour(variable) {
  const probe = $('tip');
  const before = probe.style.color;
  probe.style.color = `var(${variable})`;
  const colour = getComputedStyle(probe).color;
  probe.style.color = before;
  return colour;
}

const seriesColour = (series) => cssColour(`--series-${series.index % PALETTE}`);
const seriesMark = (series) => MARKS[series.index % MARKS.length].symbol;
const faint = (colour, alpha) => colour.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`);
const isShown = (series) => !state.get('hidden').includes(series.name);

/** Plotly reads a little markup in texts; names from outside must not be taken for it. */
const plain = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** 1, 2 and 5 of every decade, from microseconds to gigabytes. */
const LOG_TICKS = Array.from({ length: 17 }, (_, index) => index - 6).flatMap((power) =>
  [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
);

function chartLayout(xTitle, yTitle, xLog) {
  const ink = cssColour('--ink');
  const line = cssColour('--line');
  const axis = {
    gridcolor: line,
    linecolor: line,
    tickcolor: line,
    zeroline: false,
    ticks: 'outside',
    ticklen: 4,
    automargin: true,
    title: { standoff: 12 },
    exponentformat: 'power',
  };
  const log = xLog ? { type: 'log', tickvals: LOG_TICKS, ticktext: LOG_TICKS.map(String) } : {};
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: ink },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    margin: { l: 56, r: 12, t: 12, b: 48 },
    showlegend: false,
    hovermode: 'closest',
    hoverlabel: {
      bgcolor: cssColour('--surface'),
      bordercolor: line,
      font: { color: ink, size: 13 },
      align: 'left',
    },
    dragmode: 'zoom',
    xaxis: { ...axis, ...log, title: { ...axis.title, text: xTitle } },
    yaxis: { ...axis, title: { ...axis.title, text: yTitle } },
  };
}

const CHART_CONFIG = {
  responsive: true,
  displaylogo: false,
  showTips: false,
  modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
};

/** Plotly is most of the page's code: it is kept as text and runs when the first plot is drawn. */
function needPlotly() {
  if (window.Plotly) return;
  const script = document.createElement('script');
  script.textContent = $('plotly').textContent;
  document.head.append(script);
}

/** Draw into a container made by `chartBox`; `alt` says in words what is seen. */
function drawChart(box, traces, layout, alt) {
  box.setAttribute('aria-label', alt);
  needPlotly();
  return window.Plotly.react(box, traces, layout, CHART_CONFIG);
}

function chartBox(id) {
  return el('div', { id, class: 'chart', role: 'img' });
}

/** Where plotly finds a place for its styles: it would make a `<style>` else, which the page's policy refuses. */

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets.push(sheet);
stand("plotly.js-style-global", { sheet });
/** The maps in plotly, which are not drawn, put theirs nowhere if this is there. */
stand("9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53", {});

function stand(id: string, as: object): void {
  document.head.append(Object.assign(document.createElement("meta"), { id, ...as }));
}

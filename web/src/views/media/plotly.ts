/** plotly, whose styles have their place before it comes. */

import "./styled";
import plotly from "plotly.js-strict-dist-min";

export { plotly };

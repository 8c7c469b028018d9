/** The page starts here: styles, who is looking, what is shown. */

import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/runs.css";
import "./styles/charts.css";
import "./styles/run.css";
import "./styles/console.css";
import "./styles/timeline.css";
import "./styles/files.css";
import "./styles/code.css";
import "./styles/table.css";
import { render } from "preact";
import { start } from "./state/session";
import { App } from "./views/App";

const page = document.getElementById("page");
if (page) render(<App />, page);
void start();

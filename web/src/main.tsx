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
import "./styles/artifacts.css";
import "./styles/code.css";
import "./styles/table.css";
import { render } from "preact";
import { route } from "./state/location";
import { openProject } from "./state/project";
import { start } from "./state/session";
import { App } from "./views/App";

// The project of the address is asked for together with who is looking: whoever may not see it is told at the login.
const here = route.peek();
if (here.page === "project") openProject(here.entity, here.project, true);
const page = document.getElementById("page");
if (page) render(<App />, page);
void start();

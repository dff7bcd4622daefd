// The entry: styles, theme, listeners, then the page.
import { mount } from "svelte";
import "../styles/fonts.css";
import "../styles/tokens.css";
import "../styles/base.css";
import App from "./App.svelte";
import { startKeys } from "./keys.svelte";
import { startRouter } from "./place.svelte";
import { startSession } from "./session.svelte";
import { applyTheme } from "./theme.svelte";

applyTheme();
startRouter();
startKeys();
void startSession();

const target = document.getElementById("app");
if (!target) throw new Error("invariant: index.html has #app");
mount(App, { target });

import "./lab.css";
import { mount } from "./lab.js";

globalThis.homeoLab = { mount };

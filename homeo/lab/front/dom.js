const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string|number|boolean|EventListener>} [properties] attributes
 *   by name; functions are event listeners
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * Make an element of a vector graphic.
 *
 * @param {string} tag
 * @param {Record<string, string|number|boolean>} attributes
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * Set the text of a node, unless it is there already: that spares a layout.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Write a symbol; what follows an underscore is an index.
 *
 * @param {string} symbol for instance `τ_H`
 * @returns {HTMLElement}
 */
export function symbolElement(symbol) {
  const [base, index] = symbol.split("_");
  const made = element("span", { class: "homeo-lab-symbol" }, base);
  if (index) made.append(element("sub", {}, index));
  return made;
}

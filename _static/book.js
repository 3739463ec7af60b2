// The theme replaces icons (<i>) by drawings (<svg>), which breaks ipywidgets'
// Play button. Put the drawing inside the icon instead.
window.FontAwesomeConfig = { autoReplaceSvg: "nest" };

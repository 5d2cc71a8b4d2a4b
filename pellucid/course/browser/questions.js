// Decides about the answer to one question in the page, as pellucid/course/questions.py does in Python.
(function (root) {
  const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const verdict = root.querySelector(".verdict");
  const functions = { tanh: Math.tanh, exp: Math.exp, log: Math.log, sqrt: Math.sqrt, sin: Math.sin, cos: Math.cos,
    sigmoid: (x) => 0.5 * (1 + Math.tanh(x / 2)) };

  // Reads an expression of numbers, names, + - * / ** and functions, and gives its value for the values of the names.
  function evaluate(text, values) {
    const plain = text.replace(/\^/g, "**").replace(/−/g, "-").replace(/[·×]/g, "*");
    const pattern = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*\/()]))/y;
    const tokens = [];
    while (pattern.lastIndex < plain.trimEnd().length) {
      const found = pattern.exec(plain);
      if (!found) throw new SyntaxError(text);
      tokens.push(found);
    }
    let at = 0;
    const is = (sign) => at < tokens.length && tokens[at][3] === sign;
    const take = (sign) => (is(sign) ? (at++, true) : false);
    const need = (sign) => { if (!take(sign)) throw new SyntaxError(text); };
    function sum() {
      let value = product();
      for (;;) {
        if (take("+")) value += product();
        else if (take("-")) value -= product();
        else return value;
      }
    }
    function product() {
      let value = signed();
      for (;;) {
        if (take("*")) value *= signed();
        else if (take("/")) value /= signed();
        else return value;
      }
    }
    function signed() {
      if (take("-")) return -signed();
      if (take("+")) return signed();
      const base = atom();
      return take("**") ? Math.pow(base, signed()) : base;
    }
    function atom() {
      if (take("(")) { const value = sum(); need(")"); return value; }
      const token = tokens[at++];
      if (token && token[1] !== undefined) return Number(token[1]);
      if (token && token[2] !== undefined && Object.hasOwn(functions, token[2])) {
        need("("); const value = sum(); need(")");
        return functions[token[2]](value);
      }
      if (token && token[2] !== undefined && Object.hasOwn(values, token[2])) return values[token[2]];
      throw new SyntaxError(text);
    }
    const value = sum();
    if (at < tokens.length) throw new SyntaxError(text);
    return value;
  }

  function isRight(text) {
    const found = data.points.map((point) => evaluate(text, point));
    if (data.kind === "number") return Math.abs(found[0] - data.answer) <= data.tolerance;
    return found.every((value, i) => {
      const right = data.values[i];
      return Math.abs(value - right) <= Math.max(1e-6 * Math.max(Math.abs(value), Math.abs(right)), 1e-9);
    });
  }

  function say(word, good) {
    verdict.textContent = word;
    verdict.className = "verdict" + (good === undefined ? "" : good ? " right" : " wrong");
  }

  root.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    let good;
    if (data.kind === "choice" || data.kind === "guess") {
      const chosen = root.querySelector("input:checked");
      if (!chosen) return say(data.words.first);
      good = Number(chosen.value) === data.right;
      root.querySelectorAll(".replies > div").forEach((reply, i) => { reply.hidden = i !== Number(chosen.value); });
      if (data.kind === "guess") {
        root.querySelector(".because").hidden = false;
        return say("");
      }
    } else {
      try {
        good = isRight(root.querySelector("input").value);
      } catch (error) {
        return say(data.words.unread);
      }
    }
    say(good ? data.words.right : data.words.wrong, good);
    if (good) root.querySelector(".because").hidden = false;
  };
  root.evaluate = evaluate;
})(document.currentScript.parentElement);

namespace Harima.Search.Text;

/// <summary>Which elements a formula, an absorption edge or a name speaks of.</summary>
public static class ChemicalFormula
{
    // Signs between the parts of a formula: hydrates, mixtures, charges, layers.
    const string Between = "·・.*-+/,:|⋅•@ ";
    const string Opening = "([{";
    const string Closing = ")]}";

    /// <summary>
    /// The symbols in a formula such as <c>LiFePO4</c>, <c>Li(Ni0.8Co0.1Mn0.1)O2</c>, <c>CuSO4·5H2O</c>, <c>Pt/C</c>,
    /// <c>La1-xSrxMnO3</c>; none if the text is anything else.
    /// </summary>
    public static IReadOnlyList<string> ElementsOf(string formula)
    {
        var text = formula.Trim().Normalize(System.Text.NormalizationForm.FormKC);
        var found = new List<string>();
        var depth = 0;
        for (var at = 0; at < text.Length; )
        {
            var c = text[at];
            if (char.IsAsciiLetterUpper(c))
            {
                if (SymbolAt(text, at) is not { } symbol)
                    return [];
                if (!found.Contains(symbol))
                    found.Add(symbol);
                at += symbol.Length;
            }
            else if (Opening.Contains(c, StringComparison.Ordinal))
                (depth, at) = (depth + 1, at + 1);
            else if (Closing.Contains(c, StringComparison.Ordinal))
            {
                if (--depth < 0)
                    return [];
                at++;
            }
            // Amounts: numbers, and the x, y, z, n and δ of a series.
            else if (
                char.IsAsciiDigit(c)
                || c is 'x' or 'y' or 'z' or 'n' or 'δ'
                || Between.Contains(c, StringComparison.Ordinal)
            )
                at++;
            else
                return [];
        }
        return depth == 0 ? found : [];
    }

    /// <summary>The element of <c>Fe K-edge</c>, <c>Pt L3</c>; null for anything else.</summary>
    public static string? ElementOfEdge(string edge)
    {
        var parts = edge.Split([' ', '-', '_', '　'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length >= 2 && parts[1].Length is >= 1 and <= 4 && parts[1][0] is 'K' or 'L' or 'M' or 'N'
            ? Elements.FindBySymbol(parts[0])?.Symbol
            : null;
    }

    /// <summary>
    /// The elements named in a name: <c>鉄箔</c>, <c>Platinum foil</c>, <c>Ag-foil</c>, <c>酸化チタン</c>. In doubt none: 合金 is no gold, 亜鉛
    /// no lead, and "In situ" no indium.
    /// </summary>
    public static IReadOnlyList<string> ElementsNamedIn(string name)
    {
        var found = new List<string>();
        void Add(Element? element)
        {
            if (element is not null && !found.Contains(element.Symbol))
                found.Add(element.Symbol);
        }
        foreach (
            var word in name.Split(
                [' ', '　', '-', '_', '/', ',', '(', ')', '+'],
                StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            foreach (var symbol in IsFormulaWord(word) ? ElementsOf(word) : [])
                Add(Elements.FindBySymbol(symbol));
            Add(char.IsAscii(word[0]) ? Elements.FindByName(word) : null);
            AddJapanese(word, Add);
        }
        return found;
    }

    // A single capital or a word such as "In" or "As" is more often something else.
    static bool IsFormulaWord(string word) =>
        ElementsOf(word) is { Count: > 0 } elements
        && (
            elements.Count > 1 && word.Any(char.IsAsciiDigit)
            || word
                is "Fe"
                    or "Cu"
                    or "Ag"
                    or "Au"
                    or "Pt"
                    or "Pd"
                    or "Ni"
                    or "Ti"
                    or "Zn"
                    or "Al"
                    or "Si"
                    or "Mn"
                    or "Cr"
                    or "Mo"
                    or "Zr"
                    or "Ce"
                    or "Rh"
                    or "Ru"
                    or "Ir"
                    or "Nb"
        );

    static void AddJapanese(string word, Action<Element?> add)
    {
        var folded = TextFolding.Fold(word);
        if (!folded.Any(c => c > 0x2fff))
            return;
        // The longest name first, and what it covers is taken: 亜鉛 leaves no 鉛, 水銀 no 銀.
        foreach (var (name, element) in JapaneseNames)
        {
            for (
                var at = folded.IndexOf(name, StringComparison.Ordinal);
                at >= 0;
                at = folded.IndexOf(name, at + 1, StringComparison.Ordinal)
            )
            {
                if (name.Length == 1 && !IsThing(folded, at))
                    continue;
                add(element);
                folded = folded.Remove(at, name.Length).Insert(at, new string('\n', name.Length));
            }
        }
    }

    /// <summary>A name of one sign counts alone, after an oxide's 酸化, and before what things are made into: 鉄箔, 銅板, 酸化鉄.</summary>
    static bool IsThing(string text, int at)
    {
        var (before, after) = (text[..at], text[(at + 1)..]);
        return (
                before.Length == 0
                && (after.Length == 0 || "箔板粉線片棒膜触錯酸".Contains(after[0], StringComparison.Ordinal))
            )
            || before.EndsWith("酸化", StringComparison.Ordinal)
            || before.EndsWith("硫化", StringComparison.Ordinal)
            || before.EndsWith("塩化", StringComparison.Ordinal);
    }

    static readonly (string Name, Element Element)[] JapaneseNames =
    [
        .. Elements
            .All.SelectMany(element => element.Japanese.Select(name => (Name: TextFolding.Fold(name), element)))
            // リン stands in プリン, ポリンス and many others.
            .Where(pair => pair.Name is not ("リン" or "燐"))
            .OrderByDescending(pair => pair.Name.Length),
    ];

    static string? SymbolAt(string text, int at)
    {
        if (
            at + 1 < text.Length
            && char.IsAsciiLetterLower(text[at + 1])
            && Elements.FindBySymbol(text.Substring(at, 2)) is { } two
        )
            return two.Symbol;
        return Elements.FindBySymbol(text.Substring(at, 1))?.Symbol;
    }
}

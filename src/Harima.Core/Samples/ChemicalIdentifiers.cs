using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Harima.Samples;

/// <summary>What is wrong with an identifier in a description, and where. Line and column count from 1, columns in characters.</summary>
/// <param name="Path">JSON path of the value, such as <c>$.identifiers.cas</c>.</param>
public sealed record IdentifierProblem(int Line, int Column, string Path, string Message, string MessageJa);

/// <summary>
/// Finds slips in CAS numbers, InChI, InChIKeys and SMILES: check digits, layers, brackets and rings. Whether the molecule exists is
/// for others to say. A slip does not stop a description from being stored; who wrote it is told.
/// </summary>
public static partial class ChemicalIdentifiers
{
    // NIMS and SciCat write them with capitals, our schema below "identifiers".
    static readonly Dictionary<string, Func<string, (string, string)?>> Checks = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cas"] = Cas,
        ["cas_number"] = Cas,
        ["casNumber"] = Cas,
        ["inchi"] = Inchi,
        ["inchi_key"] = InchiKey,
        ["inchikey"] = InchiKey,
        ["smiles"] = Smiles,
    };

    /// <returns>Nothing for a text that is no JSON: that is told elsewhere.</returns>
    public static IReadOnlyList<IdentifierProblem> Check(string json)
    {
        var problems = new List<IdentifierProblem>();
        try
        {
            Walk(Encoding.UTF8.GetBytes(json), problems);
        }
        catch (JsonException)
        {
            problems.Clear();
        }
        return problems;
    }

    static void Walk(byte[] json, List<IdentifierProblem> problems)
    {
        var reader = new Utf8JsonReader(json);
        // One step for each object or list the reader is in: the name of the member, or the place in the list.
        var steps = new Stack<(string? Name, int Index)>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    steps.Pop();
                    steps.Push((reader.GetString(), 0));
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    steps.Pop();
                    break;
                case JsonTokenType.StartObject:
                    steps.Push(("", 0));
                    continue;
                case JsonTokenType.StartArray:
                    steps.Push((null, 0));
                    continue;
                case JsonTokenType.String when NameOf(steps) is { } name && Checks.TryGetValue(name, out var check):
                    if (reader.GetString() is { Length: > 0 } value && check(value) is var (message, japanese))
                        problems.Add(Problem(json, (int)reader.TokenStartIndex, steps, message, japanese));
                    break;
            }
            // A value has ended: in a list the next one follows.
            if (steps.TryPeek(out var top) && top.Name is null)
            {
                steps.Pop();
                steps.Push((null, top.Index + 1));
            }
        }
    }

    /// <summary>Of the member, also where its value is a list.</summary>
    static string? NameOf(Stack<(string? Name, int Index)> steps) =>
        steps.FirstOrDefault(step => step.Name is not null).Name;

    static IdentifierProblem Problem(
        byte[] json,
        int at,
        Stack<(string? Name, int Index)> steps,
        string message,
        string japanese
    )
    {
        var before = Encoding.UTF8.GetString(json, 0, at);
        var path = string.Concat(
            steps
                .Reverse()
                .Select(step => step.Name is null ? FormattableString.Invariant($"[{step.Index}]") : "." + step.Name)
        );
        return new IdentifierProblem(
            before.Count(c => c == '\n') + 1,
            at == 0 ? 1 : before.Length - before.LastIndexOf('\n'),
            "$" + path,
            message,
            japanese
        );
    }

    /// <summary>Digits weighed by their place from the right, modulo ten, are the last digit.</summary>
    static (string, string)? Cas(string text)
    {
        if (!CasForm().IsMatch(text))
            return (
                "A CAS number is written like 7440-06-4: two to seven digits, two digits, a check digit.",
                "CAS番号は 7440-06-4 のように、2～7桁、2桁、検査数字1桁で書きます。"
            );
        var digits = text.Where(char.IsAsciiDigit).Select(c => c - '0').ToArray();
        var sum = digits[..^1].Reverse().Select((digit, place) => digit * (place + 1)).Sum();
        return sum % 10 == digits[^1]
            ? null
            : (
                $"The check digit of CAS number {text} does not fit: after these digits it would be {sum % 10}. A digit is wrong.",
                $"CAS番号 {text} の検査数字が合いません（この並びなら {sum % 10}）。どこかの数字が誤っています。"
            );
    }

    static (string, string)? InchiKey(string text) =>
        KeyForm().IsMatch(text)
            ? null
            : (
                "An InChIKey has 14, 10 and 1 capital letters with hyphens between, such as XLYOFNOQVPJJNP-UHFFFAOYSA-N.",
                "InChIKeyは大文字14字・10字・1字をハイフンでつないだものです（例：XLYOFNOQVPJJNP-UHFFFAOYSA-N）。"
            );

    static (string, string)? Inchi(string text)
    {
        if (
            !text.StartsWith("InChI=1/", StringComparison.Ordinal)
            && !text.StartsWith("InChI=1S/", StringComparison.Ordinal)
        )
            return ("An InChI begins with InChI=1S/ or InChI=1/.", "InChIは InChI=1S/ または InChI=1/ で始まります。");
        var layers = text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..].Split('/');
        // Only a lone proton has no formula.
        if (!char.IsAsciiLetterLower(layers[0].FirstOrDefault()) && !FormulaForm().IsMatch(layers[0]))
            return (
                $"The first layer of an InChI is a formula; '{layers[0]}' is none.",
                $"InChIの最初の層は化学式です。「{layers[0]}」は化学式ではありません。"
            );
        var first = char.IsAsciiLetterLower(layers[0].FirstOrDefault()) ? 0 : 1;
        var seen = new HashSet<char>();
        foreach (var layer in layers[first..])
        {
            if (!IsLayer(layer))
                return (
                    $"'/{layer}' is no layer of an InChI: c, h, q, p, b, t, m, s, i, f, r or o with what belongs to it.",
                    $"「/{layer}」はInChIの層ではありません（c, h, q, p, b, t, m, s, i, f, r, o と内容が必要です）。"
                );
            // Isotopes, fixed hydrogen and metal bonds begin a part with layers of its own.
            if (layer[0] is 'i' or 'f' or 'r')
                seen.Clear();
            if (!seen.Add(layer[0]))
                return ($"The InChI has the layer '/{layer[0]}' twice.", $"InChIに層「/{layer[0]}」が2回あります。");
        }
        return null;
    }

    // Isotopes and the like may be only the head of layers of their own: "/i/hD2".
    static bool IsLayer(string layer) =>
        layer.Length > 0
        && "chqpbtmsifro".Contains(layer[0], StringComparison.Ordinal)
        && (layer.Length > 1 || layer[0] is 'i' or 'f' or 'r');

    /// <summary>After OpenSMILES: atoms, bonds, branches and rings; what is opened is closed.</summary>
    static (string, string)? Smiles(string text)
    {
        var (branches, rings) = (new Stack<int>(), new HashSet<string>(StringComparer.Ordinal));
        for (var at = 0; at < text.Length; )
        {
            if (text[at] == '(')
                branches.Push(at++);
            else if (text[at] == ')')
            {
                if (branches.Count == 0 || branches.Pop() == at - 1)
                    return At(
                        text,
                        at,
                        "closes a branch that is not open or has nothing in it",
                        "に対応する開き括弧がないか、括弧の中が空です"
                    );
                at++;
            }
            else if (Token().Match(text, at) is { Success: true } token && token.Index == at)
            {
                if (token.Groups["ring"] is { Success: true } ring)
                {
                    var number = ring.Value.TrimStart('%').TrimStart('0');
                    if (at == 0)
                        return At(text, at, "opens a ring before there is an atom", "は原子より前にあります");
                    if (!rings.Remove(number))
                        rings.Add(number);
                }
                at += token.Length;
            }
            else
                return At(
                    text,
                    at,
                    text[at] == '['
                        ? "begins no atom: brackets hold isotope, element, chirality, hydrogens, charge, and close"
                        : "is no atom, bond, branch or ring",
                    text[at] == '['
                        ? "から始まる角括弧が原子として読めません"
                        : "は原子・結合・枝・環のどれでもありません"
                );
        }
        if (branches.Count > 0)
            return At(text, branches.Peek(), "opens a branch that is never closed", "で開いた括弧が閉じていません");
        return rings.Count == 0
            ? null
            : (
                $"In the SMILES ring {string.Join(", ", rings)} is opened and never closed.",
                $"SMILESの環 {string.Join(", ", rings)} が閉じていません。"
            );
    }

    static (string, string) At(string text, int at, string message, string japanese) =>
        (
            FormattableString.Invariant($"In the SMILES, '{text[at]}' at character {at + 1} {message}."),
            FormattableString.Invariant($"SMILESの{at + 1}文字目「{text[at]}」{japanese}。")
        );

    [GeneratedRegex(@"\A[1-9][0-9]{1,6}-[0-9]{2}-[0-9]\z")]
    private static partial Regex CasForm();

    [GeneratedRegex(@"\A[A-Z]{14}-[A-Z]{8}[SN][A-Z]-[A-Z]\z")]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"\A(?:[0-9]*(?:[A-Z][a-z]?[0-9]*)+)(?:\.[0-9]*(?:[A-Z][a-z]?[0-9]*)+)*\z")]
    private static partial Regex FormulaForm();

    [GeneratedRegex(
        @"\G(?:\[[0-9]*(?:[A-Z][a-z]?|as|se|[bcnops]|\*)(?:@(?:@|TH[12]|AL[12]|SP[123]|TB[0-9]{1,2}|OH[0-9]{1,2})?)?(?:H[0-9]?)?(?:\++[0-9]{0,2}|-+[0-9]{0,2})?(?::[0-9]+)?\]"
            + @"|Cl|Br|[BCNOPSFI]|[bcnops]|\*|[-=#$:/\\.]|(?<ring>%[0-9]{2}|[0-9]))"
    )]
    private static partial Regex Token();
}

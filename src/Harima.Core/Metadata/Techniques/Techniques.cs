using System.Collections.Frozen;
using System.Text;

namespace Harima.Metadata;

/// <summary>A measuring technique of the vocabulary PaNET.</summary>
/// <param name="Id">Such as <c>PaNET01197</c>.</param>
/// <param name="LabelJa">Null where there is none yet.</param>
/// <param name="Synonyms">Abbreviations and other names.</param>
/// <param name="Broader">Ids of the terms right above.</param>
public sealed record Technique(
    string Id,
    string Label,
    string? LabelJa,
    IReadOnlyList<string> Synonyms,
    IReadOnlyList<string> Broader
)
{
    public string Iri => Techniques.IriPrefix + Id;
}

/// <summary>
/// Photon and Neutron Experimental Techniques (PaNET, CC-BY 4.0; see <c>panet.tsv</c>) with Japanese labels, by id, label and synonym, and
/// what is broader and narrower.
/// </summary>
public static class Techniques
{
    internal const string IriPrefix = "http://purl.org/pan-science/PaNET/";

    static readonly Lazy<Vocabulary> Known = new(Load);

    public static IReadOnlyList<Technique> All => Known.Value.Terms;

    /// <summary>By id, IRI, label in either language, or synonym; upper and lower case and widths of letters are alike.</summary>
    public static Technique? Find(string text)
    {
        var key = KeyOf(text);
        if (key.StartsWith(KeyOf(IriPrefix), StringComparison.Ordinal))
            key = key[KeyOf(IriPrefix).Length..];
        return Known.Value.ByName.GetValueOrDefault(key);
    }

    /// <summary>The term itself and everything below it, by id; empty where the id is none.</summary>
    public static IReadOnlySet<string> Narrower(string id) =>
        Reach(id, id => Known.Value.Below.GetValueOrDefault(id) ?? []);

    /// <summary>The term itself and everything above it, by id; empty where the id is none.</summary>
    public static IReadOnlySet<string> Broader(string id) => Reach(id, id => Known.Value.ById[id].Broader);

    /// <summary>Every name under which the term or one below it may stand in metadata, for a search that knows no ids.</summary>
    public static IReadOnlySet<string> NamesOf(string id) =>
        Narrower(id)
            .Select(id => Known.Value.ById[id])
            .SelectMany(term =>
                term.Synonyms.Append(term.Label).Append(term.Id).Concat(term.LabelJa is null ? [] : [term.LabelJa])
            )
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    static HashSet<string> Reach(string id, Func<string, IEnumerable<string>> next)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var todo = new Stack<string>();
        if (Known.Value.ById.ContainsKey(id))
            todo.Push(id);
        while (todo.TryPop(out var at))
            if (reached.Add(at))
                foreach (var further in next(at))
                    todo.Push(further);
        return reached;
    }

    static string KeyOf(string text) => text.Normalize(NormalizationForm.FormKC).Trim().ToLowerInvariant();

    static Vocabulary Load()
    {
        var japanese = Lines("japanese.tsv").ToDictionary(cells => cells[0], StringComparer.Ordinal);
        var terms = Lines("panet.tsv")
            .Select(cells =>
            {
                var more = japanese.GetValueOrDefault(cells[0]);
                return new Technique(
                    cells[0],
                    cells[1],
                    more?[1],
                    [.. Split(cells[2]), .. more is null ? [] : Split(more[2])],
                    Split(cells[3])
                );
            })
            .ToList();
        var below = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var term in terms)
        foreach (var broader in term.Broader)
            (below.TryGetValue(broader, out var list) ? list : below[broader] = []).Add(term.Id);
        var names = new Dictionary<string, Technique>(StringComparer.Ordinal);
        foreach (var term in terms)
            names[KeyOf(term.Id)] = term;
        foreach (var term in terms)
            names.TryAdd(KeyOf(term.Label), term);
        // "x-ray fluorescence-based techniques" is looked for as "x-ray fluorescence".
        const string Based = "-based techniques";
        foreach (var term in terms.Where(term => term.Label.EndsWith(Based, StringComparison.Ordinal)))
            names.TryAdd(KeyOf(term.Label[..^Based.Length]), term);
        foreach (var term in terms)
        foreach (var name in term.LabelJa is null ? term.Synonyms : [.. term.Synonyms, term.LabelJa])
            names.TryAdd(KeyOf(name), term);
        return new Vocabulary(
            terms,
            terms.ToFrozenDictionary(term => term.Id, StringComparer.Ordinal),
            names.ToFrozenDictionary(StringComparer.Ordinal),
            below
        );
    }

    static string[] Split(string cell) => cell.Split('|', StringSplitOptions.RemoveEmptyEntries);

    static IEnumerable<string[]> Lines(string resource)
    {
        using var stream = typeof(Techniques).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#')
                yield return line.Split('\t');
    }

    sealed record Vocabulary(
        IReadOnlyList<Technique> Terms,
        FrozenDictionary<string, Technique> ById,
        FrozenDictionary<string, Technique> ByName,
        Dictionary<string, List<string>> Below
    );
}

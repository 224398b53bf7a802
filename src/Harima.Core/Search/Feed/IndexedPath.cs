using System.Collections.Concurrent;

namespace Harima.Search.Feed;

/// <summary>What the values at a path say beside themselves.</summary>
[Flags]
enum Meaning
{
    None = 0,
    Sample = 1,
    SampleName = 2,
    Formula = 4,
    Edge = 8,
    Element = 16,
    Technique = 32,
    Keyword = 64,
    Tag = 128,
    Date = 256,
}

/// <summary>
/// A path of the metadata with the fields of the index its values go to and what they mean, worked out once: the same paths come with
/// every sequence.
/// </summary>
sealed class IndexedPath
{
    // Metadata may have ids as keys; what is beyond this is worked out each time.
    const int MostKept = 50_000;

    static readonly ConcurrentDictionary<string, IndexedPath> Kept = new(StringComparer.Ordinal);

    static readonly (Meaning Meaning, string[] Ends)[] Meanings =
    [
        (Meaning.Formula, ["chemical_formula", "formula", "composition", "molecular_formula", "化学式", "組成"]),
        (Meaning.Edge, ["absorption_edge", "edge", "吸収端"]),
        (Meaning.Element, ["element", "elements", "element.symbol", "target_element", "元素"]),
        (Meaning.Technique, ["technique", "techniques", "technique.name", "techniques.name", "測定手法", "手法"]),
        (Meaning.Keyword, ["keyword", "keywords", "キーワード"]),
        (Meaning.Tag, ["tag", "tags", "タグ"]),
        (
            Meaning.Date,
            ["date.start_time", "start_time", "start_date", "measurement_date", "measured_at", "collection_date"]
        ),
    ];

    static readonly string[] TechniquePaths =
    [
        "measurement.method",
        "measurement.method.sub_category",
        "measurement.method.name",
    ];

    static readonly SearchField[] AllQuantities =
    [
        .. SearchFields.All.Where(field => field.Kind == FieldKind.Quantity),
    ];

    readonly ConcurrentDictionary<string, string> _si = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<(string, string), string> _units = new();

    IndexedPath(string path)
    {
        Path = path;
        Keyword = IndexField.KeywordOf(path);
        Text = IndexField.TextOf(path);
        Number = IndexField.NumberOf(path);
        Time = IndexField.TimeOf(path);
        foreach (var (meaning, ends) in Meanings)
        {
            if (EndsWithAny(path, ends))
                Meaning |= meaning;
        }
        if (TechniquePaths.Contains(path, StringComparer.Ordinal))
            Meaning |= Meaning.Technique;
        if (path.StartsWith("sample", StringComparison.Ordinal))
            Meaning |= Meaning.Sample;
        if (path.StartsWith("sample.", StringComparison.Ordinal) && path.EndsWith("name", StringComparison.Ordinal))
            Meaning |= Meaning.SampleName;
        // The energy of the ring is not that of the measurement.
        Quantities = path.Contains("ring.", StringComparison.Ordinal)
            ? []
            : [.. AllQuantities.Where(field => EndsWithAny(path, field.PathEnds!))];
    }

    public static IndexedPath Of(string path)
    {
        if (Kept.TryGetValue(path, out var kept))
            return kept;
        var made = new IndexedPath(path);
        return Kept.Count < MostKept ? Kept.GetOrAdd(path, made) : made;
    }

    public string Path { get; }
    public string Keyword { get; }
    public string Text { get; }
    public string Number { get; }
    public string Time { get; }
    public Meaning Meaning { get; }

    /// <summary>Short names that its numbers have, if they are in the unit of that.</summary>
    public IReadOnlyList<SearchField> Quantities { get; }

    public bool Says(Meaning meaning) => (Meaning & meaning) != 0;

    public string Si(string siUnit) => _si.GetOrAdd(siUnit, static (unit, path) => IndexField.SiOf(path, unit), Path);

    public string WithUnit(string siUnit, string unit) =>
        _units.TryGetValue((siUnit, unit), out var known) ? known
        : _units.Count < 100 ? _units.GetOrAdd((siUnit, unit), KnownPaths.WithUnit(Path, siUnit, unit))
        : KnownPaths.WithUnit(Path, siUnit, unit);

    static bool EndsWithAny(string path, IReadOnlyList<string> ends)
    {
        foreach (var end in ends)
        {
            if (
                path.EndsWith(end, StringComparison.OrdinalIgnoreCase)
                && (path.Length == end.Length || path[path.Length - end.Length - 1] == '.')
            )
                return true;
        }
        return false;
    }
}

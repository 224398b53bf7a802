using System.Collections.Concurrent;
using Harima.Search.Index;

namespace Harima.Search;

/// <summary>
/// The paths of the metadata seen by this process, to take <c>absorption_edge</c> for <c>measurement.method.absorption_edge</c>, a path in
/// another case for the one that is there, and to know the unit of a number. Nothing of it is ever shown: whoever may not see a value
/// finds nothing at its path.
/// </summary>
sealed class KnownPaths
{
    // Metadata may be made of anything, even of ids as keys; beyond this a path must be written whole.
    const int Most = 50_000;

    readonly ConcurrentDictionary<string, byte> _paths = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, byte> _unitTerms = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, (string SiUnit, string Unit)> _units = new(StringComparer.Ordinal);

    /// <summary>A path with its unit as a term of the index.</summary>
    public static string WithUnit(string path, string siUnit, string unit) => $"{path}\n{siUnit}\n{unit}";

    public void Add(string path)
    {
        if (!_paths.ContainsKey(path) && _paths.Count < Most)
            _paths.TryAdd(path, 0);
    }

    /// <param name="term">Of <see cref="WithUnit"/>.</param>
    public void AddUnit(string term)
    {
        // The same few come with every sequence.
        if (_unitTerms.ContainsKey(term))
            return;
        if (_unitTerms.Count < Most)
            _unitTerms.TryAdd(term, 0);
        var parts = term.Split('\n');
        if (parts.Length == 3 && !_units.ContainsKey(parts[0]) && _units.Count < Most)
            _units.TryAdd(parts[0], (parts[1], parts[2]));
    }

    /// <summary>What earlier processes saw.</summary>
    public void Load(IndexReader reader)
    {
        using var all = reader.Find(IndexQuery.All);
        foreach (var path in all.Facet(IndexField.Path, Most))
            Add(KeywordTerm.ValueOf(path.Term));
        foreach (var unit in all.Facet(IndexField.PathUnit, Most))
            AddUnit(unit.Term);
    }

    /// <summary>As written, then in any case, then by its end; the path itself if none is known.</summary>
    public IReadOnlyList<string> Resolve(string path)
    {
        if (_paths.ContainsKey(path))
            return [path];
        var same = _paths.Keys.Where(known => known.Equals(path, StringComparison.OrdinalIgnoreCase)).ToList();
        if (same.Count > 0)
            return same;
        var end = "." + path;
        var ending = _paths
            .Keys.Where(known => known.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Take(50)
            .ToList();
        return ending.Count > 0 ? ending : [path];
    }

    /// <summary>What lies below a path that is an object.</summary>
    public IEnumerable<string> Under(string path) =>
        _paths.Keys.Where(known => known.StartsWith(path + ".", StringComparison.OrdinalIgnoreCase));

    /// <summary>Paths with the text in them; those that begin with it, or with a name that does, first.</summary>
    public IEnumerable<string> Containing(string text) =>
        _paths
            .Keys.Where(known => known.Contains(text, StringComparison.OrdinalIgnoreCase))
            .OrderBy(known =>
                known.StartsWith(text, StringComparison.OrdinalIgnoreCase) ? 0
                : known.Contains("." + text, StringComparison.OrdinalIgnoreCase) ? 1
                : 2
            )
            .ThenBy(known => known.Length)
            .ThenBy(known => known, StringComparer.Ordinal);

    /// <summary>In which SI unit its numbers are, and a unit in which they were written; null for numbers without.</summary>
    public (string SiUnit, string Unit)? UnitOf(string path) => _units.TryGetValue(path, out var unit) ? unit : null;
}

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

    // An end such as "name" is that of very many paths.
    const int MostOfOne = 50;

    readonly ConcurrentDictionary<string, byte> _paths = new(StringComparer.Ordinal);

    // By the last name, in any case: a question names the end of a path, and one for every column of every row is looked up.
    readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _byLastName = new(StringComparer.OrdinalIgnoreCase);
    readonly ConcurrentDictionary<string, byte> _unitTerms = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, ConcurrentQueue<PathUnit>> _units = new(StringComparer.Ordinal);

    /// <summary>A path with its unit as a term of the index.</summary>
    public static string WithUnit(string path, string siUnit, string unit) => $"{path}\n{siUnit}\n{unit}";

    public void Add(string path)
    {
        if (_paths.ContainsKey(path) || _paths.Count >= Most || !_paths.TryAdd(path, 0))
            return;
        _byLastName.GetOrAdd(LastNameOf(path), static _ => []).Enqueue(path);
    }

    /// <param name="term">Of <see cref="WithUnit"/>.</param>
    public void AddUnit(string term)
    {
        // The same few come with every sequence.
        if (_unitTerms.ContainsKey(term) || _unitTerms.Count >= Most || !_unitTerms.TryAdd(term, 0))
            return;
        if (term.Split('\n') is [var path, var siUnit, var unit])
            _units.GetOrAdd(path, static _ => []).Enqueue(new PathUnit(term, siUnit, unit));
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

    /// <summary>
    /// As written, then in any case, then those that end so; the path itself if none is known. All of them, and always: what a question
    /// means must not change because somebody else, whom the asker may not even see, uses a path that is written alike.
    /// </summary>
    public IReadOnlyList<string> Resolve(string path)
    {
        if (!_byLastName.TryGetValue(LastNameOf(path), out var candidates))
            return [path];
        var end = "." + path;
        var known = candidates
            .Where(candidate =>
                candidate.Length == path.Length
                    ? candidate.Equals(path, StringComparison.OrdinalIgnoreCase)
                    : candidate.EndsWith(end, StringComparison.OrdinalIgnoreCase)
            )
            .OrderBy(candidate =>
                candidate == path ? 0
                : candidate.Length == path.Length ? 1
                : 2
            )
            .ThenBy(candidate => candidate, StringComparer.Ordinal)
            .Take(MostOfOne)
            .ToList();
        return known.Count > 0 ? known : [path];
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

    /// <summary>In which units the numbers at a path are written, first seen first; none for numbers without.</summary>
    public IEnumerable<PathUnit> UnitsOf(string path) =>
        _units.TryGetValue(path, out var units) ? units.Take(MostOfOne) : [];

    static string LastNameOf(string path) => path[(path.LastIndexOf('.') + 1)..];
}

/// <param name="Term">By which the index finds the sequences that write it so.</param>
/// <param name="SiUnit">In which its numbers are compared.</param>
/// <param name="Unit">As it is written.</param>
sealed record PathUnit(string Term, string SiUnit, string Unit);

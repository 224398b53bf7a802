namespace Harima.Search.Index;

/// <summary>What is searched of one sequence. Its row is its identity: an upsert of the same row replaces it as a whole.</summary>
/// <param name="Row">The row of the sequence in the catalogue; not negative.</param>
/// <param name="Terms">In any order. The same term of a field may come several times; a document is counted once for it.</param>
/// <param name="Numbers">In any order; a field may have several. What is not finite is left out.</param>
public sealed record IndexDocument(long Row, IReadOnlyList<IndexTerm> Terms, IReadOnlyList<IndexNumber> Numbers);

/// <summary>
/// A term as it is to be found: the caller has normalised it. Compared as UTF-8 bytes; what is longer than
/// <see cref="MaxTermBytes"/> is cut, in documents and in queries alike.
/// </summary>
/// <param name="Position">
/// Where it stands in the field, for phrases; leave a gap between values that a phrase must not join. A field whose terms have
/// positions is for text: facets and order by it are possible but slow. All terms of a field have positions, or none.
/// </param>
public readonly record struct IndexTerm(string Field, string Term, int Position = IndexTerm.NoPosition)
{
    public const int NoPosition = -1;
    public const int MaxTermBytes = 1024;
    public const int MaxFieldBytes = 1024;
}

/// <summary>Times are numbers too: seconds or microseconds since 1970, as the caller likes. A field may have terms and numbers.</summary>
public readonly record struct IndexNumber(string Field, double Number);

using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Samples;
using Harima.Search.Feed;
using Harima.Search.Index;
using Harima.Search.Query;

namespace Harima.Search;

/// <summary>Where every question to the index begins: opens one state of it and puts the caller's rights into what is asked.</summary>
sealed class SearchSession(
    SearchFeed feed,
    SearchReach reach,
    KnownPaths paths,
    FacilityClock clock,
    SampleQueries samples
)
{
    public async Task<SearchAsked> AskAsync(
        SearchQuery query,
        string? text,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (reader, position) = await feed.ReadAsync(cancellationToken);
        try
        {
            var may = await reach.OfAsync(principal, position, cancellationToken);
            var parsed = text is null ? ParsedQuery.Of(query) : QueryText.ParseWithPlaces(text);
            var descendants = new Dictionary<QueryValue, IReadOnlyList<string>>();
            foreach (var value in AncestorsIn(parsed.Query))
                descendants[value] = await samples.DescendantsAsync(principal, value.Text, cancellationToken);
            var plan = new QueryPlan(
                parsed,
                may.Everyone,
                paths,
                TechniqueTerms.AndNarrower,
                clock,
                value => descendants[value]
            );
            return new SearchAsked(reader, may, plan, paths, clock, feed.State);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    static IEnumerable<QueryValue> AncestorsIn(SearchQuery query) =>
        query switch
        {
            AllOf all => all.Parts.SelectMany(AncestorsIn),
            AnyOf any => any.Parts.SelectMany(AncestorsIn),
            Not not => AncestorsIn(not.Part),
            FieldIs asked when IsAncestor(asked.Path) => [asked.Value],
            FieldExists asked when IsAncestor(asked.Path) => [new QueryValue("*", false)],
            _ => [],
        };

    static bool IsAncestor(string path) => SearchFields.Find(path)?.Index == IndexField.SampleId;
}

/// <summary>A question that was asked, of one state of the index, by somebody: everything answered here is within their rights.</summary>
sealed class SearchAsked : IDisposable
{
    readonly IndexReader _reader;
    readonly IndexQuery _within;
    readonly Reach _reach;
    readonly QueryPlan _plan;

    public SearchAsked(
        IndexReader reader,
        Reach reach,
        QueryPlan plan,
        KnownPaths paths,
        FacilityClock clock,
        SearchState state
    )
    {
        (_reader, _reach, _plan, Paths, Clock, State) = (reader, reach, plan, paths, clock, state);
        _within = IndexQuery.And(reach.Found, plan.Build());
        Matches = reader.Find(_within);
    }

    public Matches Matches { get; }
    public KnownPaths Paths { get; }
    public FacilityClock Clock { get; }
    public SearchState State { get; }
    public Visible Rights => _reach.Rights;
    public IndexQuery Everyone => _reach.Everyone;

    /// <summary>How many of what was found are also this.</summary>
    public long Count(IndexQuery also) => Matches.CountAlso(also);

    /// <summary>Whether the caller may see anything of this, whatever was asked.</summary>
    public bool Exists(IndexQuery query)
    {
        using var any = _reader.Find(IndexQuery.And(_reach.Found, query));
        return any.Count > 0;
    }

    /// <summary>What was found and is also this.</summary>
    public Matches Also(IndexQuery also) => _reader.Find(IndexQuery.And(_within, also));

    /// <summary>The field of whole values for a path of the metadata: of those that may be meant, the first that what was found has.</summary>
    public string KeywordOf(string path)
    {
        var resolved = Paths.Resolve(path);
        var there =
            resolved.Count == 1
                ? resolved[0]
                : resolved.FirstOrDefault(each =>
                    Count(IndexQuery.Prefix(IndexField.Path, KeywordTerm.PrefixOf(each))) > 0
                );
        return IndexField.KeywordOf(there ?? resolved[0]);
    }

    /// <summary>In which unit what was found has numbers at a path; how others, who may be hidden, write theirs is not said.</summary>
    public PathUnit? UnitOf(string path) =>
        Paths.UnitsOf(path).FirstOrDefault(unit => Count(IndexQuery.Term(IndexField.PathUnit, unit.Term)) > 0);

    public IReadOnlyList<string> UnknownPaths() =>
        [
            .. _plan
                .PathsAsked.Where(asked =>
                    !Exists(
                        IndexQuery.AnyOf(
                            IndexField.Path,
                            [.. asked.Value.Concat(Paths.Under(asked.Key)).Select(KeywordTerm.Of)]
                        )
                    )
                )
                .Select(asked => asked.Key)
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose()
    {
        Matches.Dispose();
        _reader.Dispose();
    }
}

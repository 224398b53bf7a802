using System.Text.Json.Nodes;
using Harima.Faults;
using Harima.Identity;
using Harima.SciCat.Filters;
using Harima.Sequences;

namespace Harima.SciCat;

/// <summary>Finds datasets, as the sequences somebody may read.</summary>
public sealed class DatasetQueries
{
    const int MaxFacets = 20;

    readonly DatasetSelection _selection;
    readonly DatasetDocuments _documents;
    readonly DatasetIncludes _includes;
    readonly SequenceAccess _access;

    internal DatasetQueries(
        DatasetSelection selection,
        DatasetDocuments documents,
        DatasetIncludes includes,
        SequenceAccess access
    ) => (_selection, _documents, _includes, _access) = (selection, documents, includes, access);

    /// <param name="onlyPublished">Only what is open to everyone, whoever asks.</param>
    /// <exception cref="FaultException">Invalid where it would look at too many.</exception>
    public async Task<JsonArray> ListAsync(
        Principal principal,
        SciCatFilter filter,
        bool onlyPublished,
        SciCatVersion version,
        CancellationToken cancellationToken
    )
    {
        var found = await _selection.ListAsync(
            principal,
            onlyPublished ? filter.With(Published) : filter,
            cancellationToken
        );
        var beside = 0L;
        foreach (var document in found)
        {
            await _includes.AddAsync(principal, document, filter.Includes, version, cancellationToken);
            beside += DatasetIncludes.WeightOf(document);
            if (beside > DatasetIncludes.MaxWeight)
                throw SciCatFault.Filter(
                    "The files and attachments of so many datasets are more than one answer holds. Ask for fewer datasets at once, or for their blocks one by one."
                );
        }
        return new JsonArray([.. found.Select(document => (JsonNode)Shown(document, filter, version))]);
    }

    /// <returns>The first; null where there is none.</returns>
    public async Task<JsonObject?> FindOneAsync(
        Principal principal,
        SciCatFilter filter,
        bool onlyPublished,
        SciCatVersion version,
        CancellationToken cancellationToken
    )
    {
        var found = await ListAsync(principal, filter.First(), onlyPublished, version, cancellationToken);
        return found.Count == 0 ? null : (JsonObject)found[0]!.DeepClone();
    }

    /// <exception cref="FaultException">NotFound where it does not exist for the caller, or is not open to everyone and must be.</exception>
    public async Task<JsonObject> GetAsync(
        Principal principal,
        string pid,
        IEnumerable<string> include,
        bool onlyPublished,
        SciCatVersion version,
        CancellationToken cancellationToken
    )
    {
        var filter = SciCatFilter.None(version).Including(include);
        var id = DatasetId.Parse(pid);
        var view = await _access.GetAsync(principal, id.ProposalId, id.SequenceId, cancellationToken);
        if (onlyPublished && view.Visibility != Visibility.Everyone)
            throw Fault.NotFound("Dataset", pid);
        var found = await _documents.OfRowsAsync([view.Sequence.Row], cancellationToken);
        if (found.Count == 0)
            throw Fault.NotFound("Dataset", pid);
        var document = found[0].Document;
        await _includes.AddAsync(principal, document, filter.Includes, version, cancellationToken);
        return Shown(document, filter, version);
    }

    public Task<long> CountAsync(
        Principal principal,
        SciCatFilter filter,
        bool onlyPublished,
        CancellationToken cancellationToken
    ) =>
        _selection.CountAsync(principal, onlyPublished ? filter.Where.And(Published) : filter.Where, cancellationToken);

    /// <summary>The number of all, and of each value of some fields; for each field without the condition on itself, as SciCat does.</summary>
    public async Task<JsonArray> FacetsAsync(
        Principal principal,
        SciCatFilter filter,
        string? facets,
        bool onlyPublished,
        CancellationToken cancellationToken
    )
    {
        var where = onlyPublished ? filter.Where.And(Published) : filter.Where;
        var answer = new JsonObject
        {
            ["all"] = new JsonArray(
                new JsonObject { ["totalSets"] = await _selection.CountAsync(principal, where, cancellationToken) }
            ),
        };
        foreach (var field in FacetNames(facets))
        {
            var counted = await _selection.FacetAsync(principal, Without(where, field), field, cancellationToken);
            answer[field] = new JsonArray([
                .. counted.Select(value => (JsonNode)new JsonObject { ["_id"] = value.Value, ["count"] = value.Count }),
            ]);
        }
        return new JsonArray(answer);
    }

    public Task<IReadOnlyList<string>> MetadataKeysAsync(
        Principal principal,
        string? part,
        CancellationToken cancellationToken
    ) => _selection.MetadataKeysAsync(principal, part, cancellationToken);

    static CompareCondition Published => new("isPublished", Comparison.Equal, JsonValue.Create(true));

    static List<string> FacetNames(string? facets)
    {
        if (string.IsNullOrWhiteSpace(facets))
            return [];
        if (
            SciCatFilter.ParseJson(facets, "facets") is not JsonArray names
            || names.Count > MaxFacets
            || names.Any(name => name?.GetValueKind() != System.Text.Json.JsonValueKind.String)
        )
            throw SciCatFault.Filter($"'facets' is a list of at most {MaxFacets} names of fields.");
        return [.. names.Select(name => name!.GetValue<string>()).Where(name => name != "all").Distinct()];
    }

    static Condition Without(Condition where, string field) =>
        where switch
        {
            AllConditions all => new AllConditions([.. all.Parts.Select(part => Without(part, field))]),
            // What is not open to everyone stays out of a public answer.
            FieldCondition one when one.Path == field && field != "isPublished" => Condition.Always,
            _ => where,
        };

    static JsonObject Shown(JsonObject document, SciCatFilter filter, SciCatVersion version)
    {
        if (version == SciCatVersion.V4)
            foreach (var name in DatasetDocuments.OnlyV3)
                document.Remove(name);
        return Projection.Of(document, filter.Fields, filter.Includes.Select(include => include.Relation));
    }
}

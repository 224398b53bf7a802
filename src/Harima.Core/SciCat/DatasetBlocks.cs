using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Faults;
using Harima.Identity;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>Blocks of more than one dataset: of those a filter names, or else of the newest the caller may read.</summary>
public sealed class DatasetBlocks
{
    const int MaxDatasets = 100;

    readonly DatasetSelection _selection;
    readonly DatasetFiles _files;

    internal DatasetBlocks(DatasetSelection selection, DatasetFiles files) => (_selection, _files) = (selection, files);

    public async Task<IReadOnlyList<JsonObject>> ListAsync(
        Principal principal,
        SciCatFilter filter,
        CancellationToken cancellationToken
    )
    {
        var pids = Named(filter.Where);
        if (pids?.Count > MaxDatasets)
            throw SciCatFault.Filter($"'datasetId' names at most {MaxDatasets} datasets.");
        pids ??=
        [
            .. (
                await _selection.ListAsync(
                    principal,
                    SciCatFilter.None(SciCatVersion.V3).With(FilesExist),
                    cancellationToken
                )
            ).Select(dataset => dataset["pid"]!.ToString()),
        ];
        var blocks = new List<JsonObject>();
        foreach (var pid in pids.Distinct(StringComparer.Ordinal))
            try
            {
                blocks.AddRange(await _files.BlocksAsync(principal, pid, cancellationToken));
            }
            catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
            {
                // It does not exist for this caller.
            }
        return [.. DocumentFilter.Apply(blocks, filter)];
    }

    static CompareCondition FilesExist => new("numberOfFiles", Comparison.Greater, JsonValue.Create(0));

    /// <summary>The datasets that every answer must be of; null where any may be.</summary>
    static List<string>? Named(Condition where) =>
        where switch
        {
            CompareCondition { Path: "datasetId", Comparison: Comparison.Equal } one => Texts([one.Value]),
            InCondition { Path: "datasetId" } many => Texts(many.Values),
            AllConditions all => all.Parts.Select(Named).FirstOrDefault(found => found is not null),
            _ => null,
        };

    static List<string> Texts(IEnumerable<JsonNode?> values) =>
        [
            .. values
                .Where(value => value?.GetValueKind() == JsonValueKind.String)
                .Select(value => value!.GetValue<string>()),
        ];
}

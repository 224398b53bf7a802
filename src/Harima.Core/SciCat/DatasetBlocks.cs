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
        var pids = filter.Where.TextsNamed("datasetId");
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
}

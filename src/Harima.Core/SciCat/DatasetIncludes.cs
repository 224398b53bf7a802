using System.Text.Json.Nodes;
using Harima.Faults;
using Harima.Identity;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>Puts what is related beside a dataset, as far as the caller may read it.</summary>
sealed class DatasetIncludes(
    Instruments instruments,
    ProposalDocuments proposals,
    SampleDocuments samples,
    DatasetFiles files,
    DatasetAttachments attachments
)
{
    /// <summary>In characters, about: what one list answers with beside the datasets.</summary>
    public const long MaxWeight = 48_000_000;
    const int OfFile = 150;

    public static long WeightOf(JsonObject dataset) =>
        (dataset["origdatablocks"] as JsonArray ?? []).Sum(block =>
            (long)OfFile * ((block as JsonObject)?["dataFileList"] as JsonArray ?? []).Count
        )
        + (dataset["attachments"] as JsonArray ?? []).Sum(picture =>
            (long?)(picture as JsonObject)?["thumbnail"]?.ToString().Length ?? 0
        );

    public async Task AddAsync(
        Principal principal,
        JsonObject dataset,
        IReadOnlyList<Include> includes,
        SciCatVersion version,
        CancellationToken cancellationToken
    )
    {
        var pid = dataset["pid"]!.ToString();
        foreach (var include in includes)
        {
            var related = include.Relation switch
            {
                "instruments" => await EachAsync(
                    dataset["instrumentIds"],
                    id => instruments.GetAsync(id, cancellationToken)
                ),
                "proposals" => await EachAsync(
                    dataset["proposalIds"],
                    id => proposals.GetAsync(principal, id, cancellationToken)
                ),
                "samples" => await EachAsync(
                    dataset["sampleIds"],
                    id => samples.GetAsync(principal, id, cancellationToken)
                ),
                "origdatablocks" => await files.BlocksAsync(principal, pid, cancellationToken),
                "attachments" => await attachments.OfAsync(principal, pid, cancellationToken),
                // Blocks of an archive; there is none.
                _ => [],
            };
            dataset[include.Relation] = new JsonArray([.. DocumentFilter.Apply(related, include.Scope)]);
        }
    }

    static async Task<IReadOnlyList<JsonObject>> EachAsync(JsonNode? ids, Func<string, Task<JsonObject>> get)
    {
        var found = new List<JsonObject>();
        foreach (var id in (JsonArray)ids!)
            try
            {
                found.Add(await get(id!.ToString()));
            }
            catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
            {
                // It does not exist for this caller.
            }
        return found;
    }
}

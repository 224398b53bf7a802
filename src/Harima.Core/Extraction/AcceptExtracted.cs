using System.Text.Json.Nodes;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Extraction;

/// <summary>One proposal, by what it says: it may have been made anew since it was shown.</summary>
public sealed record AcceptedField(string Path, string Value, string? Unit);

/// <summary>Takes over proposals into the metadata of an open sequence, as a change of the person who accepts them.</summary>
public sealed class AcceptExtracted(
    CatalogueWriter writer,
    SequenceAccess access,
    ExtractionQueries queries,
    SetMetadata set
)
{
    /// <param name="fields">
    /// Those to take over, also where something else was typed: the person has seen both. Null for everything that nothing was typed
    /// for and nobody dismissed; of several proposals for one path the first, which most files say.
    /// </param>
    /// <param name="seen">
    /// What the person saw beside the named proposals. If somebody has changed the document since, nothing is taken over. For "all"
    /// it does not matter: whatever is typed meanwhile stays.
    /// </param>
    /// <returns>The values that were set.</returns>
    /// <exception cref="FaultException">
    /// NotFound; Forbidden; Closed; Conflict where a named proposal is not there any more; PreconditionFailed (<c>metadata-changed</c>).
    /// </exception>
    public async Task<IReadOnlyList<ExtractedValue>> HandleAsync(
        string proposalId,
        string sequenceId,
        IReadOnlyList<AcceptedField>? fields,
        SeenVersions? seen,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireOpenAsync(principal, proposalId, sequenceId, cancellationToken);
        var result = await queries.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        var proposed = fields is null
            ? result.Values.Where(value => value.State is ProposedState.New).Select(value => value.Extracted)
            : ExtractionQueries.Named(result, fields).Select(value => value.Extracted);
        var kinds = proposed.GroupBy(value => value.Kind).Select(kind => (kind.Key, Values: kind.ToList())).ToList();
        return await writer.WriteAsync(
            transaction =>
            {
                var accepted = new List<ExtractedValue>();
                foreach (var (kind, values) in kinds)
                    set.Change(
                        transaction,
                        view.Sequence,
                        kind,
                        now =>
                        {
                            // Others may have typed since the proposals were read: what is empty is decided by the text of this moment.
                            var chosen = fields is null ? Empty(now, values) : values;
                            accepted.AddRange(chosen);
                            return chosen.Count == 0 ? now : Checked(MetadataEdit.Set(now, chosen));
                        },
                        fields is null ? null : seen?.Of(kind),
                        principal
                    );
                return (IReadOnlyList<ExtractedValue>)accepted;
            },
            cancellationToken
        );
    }

    static List<ExtractedValue> Empty(string? json, List<ExtractedValue> values)
    {
        var document = json is null ? null : JsonNode.Parse(json);
        return
        [
            .. values.Where(value => MetadataEdit.Find(document, value, out _) is null).DistinctBy(value => value.Path),
        ];
    }

    static string Checked(string json) =>
        MetadataCheck.Check(json) is [var first, ..] ? throw MetadataCheck.Refusal(first) : json;
}

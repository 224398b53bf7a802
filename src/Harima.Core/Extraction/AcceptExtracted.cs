using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Extraction;

/// <summary>One proposal, by what it says: it may have been made anew since it was shown.</summary>
public sealed record AcceptedField(string Path, string Value, string? Unit);

/// <summary>Takes over proposals into the metadata of an open sequence, as a change of the person who accepts them.</summary>
public sealed class AcceptExtracted(
    SequenceAccess access,
    ExtractionQueries queries,
    MetadataQueries metadata,
    SetMetadata set
)
{
    /// <param name="fields">
    /// Those to take over, also where something else was typed: the person has seen both. Null for everything that nothing was typed
    /// for; of several proposals for one path the first, which most files say.
    /// </param>
    /// <returns>The values that were set.</returns>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Conflict where a named proposal is not there any more.</exception>
    public async Task<IReadOnlyList<ExtractedValue>> HandleAsync(
        string proposalId,
        string sequenceId,
        IReadOnlyList<AcceptedField>? fields,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        if (view.Sequence.State == SequenceState.Closed)
            throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id);
        var result = await queries.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        var accepted = fields is null
            ? result
                .Values.Where(value => value.State == ProposedState.New)
                .DistinctBy(value => value.Extracted.Path)
                .Select(value => value.Extracted)
                .ToList()
            :
            [
                .. fields.Select(field =>
                    result
                        .Values.FirstOrDefault(value =>
                            value.Extracted.Path == field.Path
                            && value.Extracted.Value == field.Value
                            && value.Extracted.Unit == field.Unit
                        )
                        ?.Extracted
                    ?? throw Fault.Conflict(
                        "proposal-gone",
                        $"The files do not propose this for '{field.Path}' any more: they have changed. Look again, then decide.",
                        ("path", field.Path)
                    )
                ),
            ];
        var documents = await metadata.OfAsync(principal, proposalId, sequenceId, cancellationToken);
        foreach (var kind in accepted.GroupBy(value => value.Kind))
            await set.HandleAsync(
                proposalId,
                sequenceId,
                kind.Key,
                MetadataEdit.Set(documents.FirstOrDefault(document => document.Kind == kind.Key)?.Json, kind),
                principal,
                cancellationToken
            );
        return accepted;
    }
}

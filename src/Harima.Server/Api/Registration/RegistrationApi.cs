using Harima.Hosting;
using Harima.Registration;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Registration;

static class RegistrationApi
{
    public static void MapRegistration(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/registrations").WithTags("Registration");
        group
            .MapGet("", ListAsync)
            .WithName("listRegistrations")
            .WithSummary(
                "Trees on the facility's storage that are catalogued where they lie, the newest first; for administrators and, below their folders, the staff of a beamline"
            );
        group
            .MapPost("", RegisterAsync)
            .WithName("registerFolder")
            .WithSummary("Begins to catalogue an existing tree without copying it");
        group
            .MapPost("/preview", PreviewAsync)
            .WithName("previewRegistration")
            .WithSummary(
                "Which sequences and files a registration would make, and what could not be catalogued; changes nothing"
            );
        group
            .MapGet("/state", StateAsync)
            .WithName("getRegistrationState")
            .WithSummary("Where files may be registered from, and how many checksums are yet to be found");
        group.MapGet("/{id}", GetAsync).WithName("getRegistration").WithSummary("One, and how far it is");
        group
            .MapGet("/{id}/findings", FindingsAsync)
            .WithName("listFindings")
            .WithSummary("What could not be catalogued, had changed or had gone, the last first");
        group
            .MapPost("/{id}/rescan", RescanAsync)
            .WithName("rescanRegistration")
            .WithSummary(
                "Looks through the tree again for what came, changed or went; with bringBack also catalogues again what was removed or replaced in Harima"
            );
        group
            .MapPut("/{id}/patterns", ChangePatternsAsync)
            .WithName("changeRegistrationPatterns")
            .WithSummary(
                "Gives it other patterns and looks through the tree with them: what they take now is added, what they leave out leaves the catalogue"
            );
        group
            .MapDelete("/{id}", RemoveAsync)
            .WithName("removeRegistration")
            .WithSummary(
                "Takes it back: its files leave the catalogue, and sequences it made that nobody else touched; nothing on the storage is changed"
            );
        group
            .MapPost("/{id}/cancel", CancelAsync)
            .WithName("cancelRegistration")
            .WithSummary("Stops; what was catalogued stays");
        group
            .MapPost("/{id}/continue", ContinueAsync)
            .WithName("continueRegistration")
            .WithSummary("Goes on where it was cancelled or failed");
    }

    static async Task<Ok<PageDto<RegistrationDto>>> ListAsync(
        HttpContext context,
        RegistrationQueries queries,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await queries.ListAsync(context.ToPrincipal(), cursor, Paging.Limit(limit, 50), cancellationToken);
        return TypedResults.Ok(page.ToDto(ToDto));
    }

    static async Task<Created<RegistrationDto>> RegisterAsync(
        RegisterFolderRequest request,
        HttpContext context,
        RegisterFolder register,
        CancellationToken cancellationToken
    )
    {
        var tree = await register.HandleAsync(RequestOf(request), context.ToPrincipal(), cancellationToken);
        return TypedResults.Created($"/api/v1/registrations/{tree.Id}", ToDto(tree));
    }

    static async Task<Ok<RegistrationPreviewDto>> PreviewAsync(
        RegisterFolderRequest request,
        HttpContext context,
        RegisterFolder register,
        CancellationToken cancellationToken
    )
    {
        var preview = await register.PreviewAsync(RequestOf(request), context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(
            new RegistrationPreviewDto(
                preview.Path,
                preview.ProposalId,
                [
                    .. preview.Sequences.Select(sequence => new PreviewedSequenceDto(
                        sequence.SequenceId,
                        sequence.Folder,
                        sequence.Files,
                        sequence.Bytes,
                        Enum.Parse<PreviewedWord>(sequence.State.ToString())
                    )),
                ],
                preview.SequenceCount,
                preview.Files,
                preview.Bytes,
                [.. preview.Problems.Select(ToDto)],
                preview.ProblemCount,
                preview.Excluded,
                preview.IsWhole
            )
        );
    }

    static async Task<Ok<RegistrationStateDto>> StateAsync(
        HttpContext context,
        RegistrationQueries queries,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new RegistrationStateDto(
                await queries.RootsAsync(context.ToPrincipal(), cancellationToken),
                await queries.WithoutSumsAsync(context.ToPrincipal(), cancellationToken)
            )
        );

    static async Task<Ok<RegistrationDto>> GetAsync(
        string id,
        HttpContext context,
        RegistrationQueries queries,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await queries.GetAsync(id, context.ToPrincipal(), cancellationToken)));

    static async Task<Ok<PageDto<FindingDto>>> FindingsAsync(
        string id,
        HttpContext context,
        RegistrationQueries queries,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await queries.FindingsAsync(
            id,
            context.ToPrincipal(),
            cursor,
            Paging.Limit(limit, 50),
            cancellationToken
        );
        return TypedResults.Ok(page.ToDto(ToDto));
    }

    static async Task<Ok<RegistrationDto>> RescanAsync(
        string id,
        HttpContext context,
        RescanFolder rescan,
        CancellationToken cancellationToken,
        bool bringBack = false
    ) => TypedResults.Ok(ToDto(await rescan.HandleAsync(id, context.ToPrincipal(), cancellationToken, bringBack)));

    static async Task<Ok<RegistrationDto>> ChangePatternsAsync(
        string id,
        RegistrationPatternsRequest request,
        HttpContext context,
        ChangePatterns change,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            ToDto(
                await change.HandleAsync(id, request.Include, request.Exclude, context.ToPrincipal(), cancellationToken)
            )
        );

    static async Task<Accepted<RegistrationDto>> RemoveAsync(
        string id,
        HttpContext context,
        RemoveRegistration remove,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Accepted(
            $"/api/v1/registrations/{id}",
            ToDto(await remove.HandleAsync(id, context.ToPrincipal(), cancellationToken))
        );

    static async Task<Ok<RegistrationDto>> CancelAsync(
        string id,
        HttpContext context,
        RescanFolder rescan,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await rescan.CancelAsync(id, context.ToPrincipal(), cancellationToken)));

    static async Task<Ok<RegistrationDto>> ContinueAsync(
        string id,
        HttpContext context,
        RescanFolder rescan,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await rescan.ContinueAsync(id, context.ToPrincipal(), cancellationToken)));

    static RegisterRequest RequestOf(RegisterFolderRequest request) =>
        new(request.Path, request.ProposalId, request.SequenceId, request.Level, request.Include, request.Exclude);

    static FindingDto ToDto(Finding finding) =>
        new(
            Enum.Parse<FindingWord>(finding.Kind.ToString()),
            finding.Path,
            finding.SizeBytes,
            finding.ETag,
            finding.Crc64Nvme
        );

    static RegistrationDto ToDto(RegisteredTree tree) =>
        new(
            tree.Id,
            tree.Path,
            tree.ProposalId,
            tree.SequenceId,
            tree.Level,
            Enum.Parse<RegistrationWord>(tree.State.ToString()),
            tree.Reason,
            tree.Scan,
            tree.Position,
            tree.SequenceCount,
            tree.FilesFound,
            tree.BytesFound,
            tree.FilesAdded,
            tree.FilesChanged,
            tree.FilesRemoved,
            tree.FilesKept,
            tree.Problems,
            tree.Patterns.Include,
            tree.Patterns.Exclude,
            tree.OnlyListed,
            tree.Excluded,
            tree.FilesWithoutSums,
            tree.RequestedBy,
            tree.CreatedAt,
            tree.StartedAt,
            tree.EndedAt
        );
}

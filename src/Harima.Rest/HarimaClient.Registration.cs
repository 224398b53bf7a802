namespace Harima.Rest;

public sealed partial class HarimaClient
{
    public Task<RegistrationPreviewDto> PreviewRegistrationAsync(
        RegisterFolderRequest request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            "/registrations/preview",
            request,
            HarimaJson.Default.RegisterFolderRequest,
            HarimaJson.Default.RegistrationPreviewDto,
            cancellationToken
        );

    public Task<RegistrationDto> RegisterFolderAsync(
        RegisterFolderRequest request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            "/registrations",
            request,
            HarimaJson.Default.RegisterFolderRequest,
            HarimaJson.Default.RegistrationDto,
            cancellationToken
        );

    public Task<PageDto<RegistrationDto>> ListRegistrationsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync(
            "/registrations" + Query(("limit", "200"), ("cursor", cursor)),
            HarimaJson.Default.PageDtoRegistrationDto,
            cancellationToken
        );

    public Task<RegistrationDto> GetRegistrationAsync(string id, CancellationToken cancellationToken) =>
        GetAsync("/registrations/" + Segment(id), HarimaJson.Default.RegistrationDto, cancellationToken);

    public Task<PageDto<FindingDto>> ListFindingsAsync(
        string id,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            $"/registrations/{Segment(id)}/findings" + Query(("limit", "200"), ("cursor", cursor)),
            HarimaJson.Default.PageDtoFindingDto,
            cancellationToken
        );

    /// <summary>Takes a registration back; answers at once, with it still being removed.</summary>
    public Task<RegistrationDto> RemoveRegistrationAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Delete,
            "/registrations/" + Segment(id),
            null,
            HarimaJson.Default.RegistrationDto,
            cancellationToken
        );

    /// <summary>Gives it other patterns, and begins to look through it with them.</summary>
    public Task<RegistrationDto> ChangeRegistrationPatternsAsync(
        string id,
        RegistrationPatternsRequest patterns,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Put,
            $"/registrations/{Segment(id)}/patterns",
            patterns,
            HarimaJson.Default.RegistrationPatternsRequest,
            HarimaJson.Default.RegistrationDto,
            cancellationToken
        );

    /// <param name="change"><c>rescan</c>, <c>cancel</c> or <c>continue</c>.</param>
    public Task<RegistrationDto> ChangeRegistrationAsync(
        string id,
        string change,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            $"/registrations/{Segment(id)}/{change}",
            null,
            HarimaJson.Default.RegistrationDto,
            cancellationToken
        );
}

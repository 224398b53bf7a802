using System.Globalization;
using System.Runtime.CompilerServices;

namespace Harima.Rest;

public sealed partial class HarimaClient
{
    public Task<LoginDto> LogInAsync(LoginRequest request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "/login",
            request,
            HarimaJson.Default.LoginRequest,
            HarimaJson.Default.LoginDto,
            cancellationToken
        );

    public async Task LogOutAsync(CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Post, "/logout", null, cancellationToken)).Dispose();

    public Task<MeDto> GetMeAsync(CancellationToken cancellationToken) =>
        GetAsync("/me", HarimaJson.Default.MeDto, cancellationToken);

    public Task<FacilityDto> GetFacilityAsync(CancellationToken cancellationToken) =>
        GetAsync("/facility", HarimaJson.Default.FacilityDto, cancellationToken);

    public Task<ItemsDto<AccessKeyDto>> ListAccessKeysAsync(CancellationToken cancellationToken) =>
        GetAsync("/access-keys", HarimaJson.Default.ItemsDtoAccessKeyDto, cancellationToken);

    public Task<AccessKeyCreatedDto> CreateAccessKeyAsync(string description, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "/access-keys",
            new CreateAccessKeyRequest(description),
            HarimaJson.Default.CreateAccessKeyRequest,
            HarimaJson.Default.AccessKeyCreatedDto,
            cancellationToken
        );

    public async Task RevokeAccessKeyAsync(string id, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Delete, "/access-keys/" + Segment(id), null, cancellationToken)).Dispose();

    public Task<CredentialsDto> CreateSessionCredentialsAsync(
        SessionCredentialsRequest request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            "/session-credentials",
            request,
            HarimaJson.Default.SessionCredentialsRequest,
            HarimaJson.Default.CredentialsDto,
            cancellationToken
        );

    public Task<PageDto<ProposalDto>> ListProposalsAsync(
        string? text,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            "/proposals" + Query(("text", text), ("cursor", cursor), ("limit", Number(limit))),
            HarimaJson.Default.PageDtoProposalDto,
            cancellationToken
        );

    public Task<PageDto<SequenceDto>> ListSequencesAsync(
        SequenceSearch search,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            "/sequences"
                + Query(
                    ("proposal", search.Proposal),
                    ("beamline", search.Beamline),
                    ("owner", search.Owner),
                    ("state", search.State),
                    ("text", search.Text),
                    ("sort", search.Sort),
                    ("cursor", cursor),
                    ("limit", Number(limit))
                ),
            HarimaJson.Default.PageDtoSequenceDto,
            cancellationToken
        );

    /// <summary>One page of what answers a question; see <c>GET /search</c>.</summary>
    public Task<SearchResultDto> SearchAsync(SearchRequestDto request, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            "/search",
            request,
            HarimaJson.Default.SearchRequestDto,
            HarimaJson.Default.SearchResultDto,
            cancellationToken
        );

    public Task<SequenceDto> GetSequenceAsync(string proposal, string sequence, CancellationToken cancellationToken) =>
        GetAsync(One(proposal, sequence), HarimaJson.Default.SequenceDto, cancellationToken);

    public Task<SequenceDto> OpenSequenceAsync(string proposal, string sequence, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"/proposals/{Segment(proposal)}/sequences",
            new NewSequenceDto(sequence),
            HarimaJson.Default.NewSequenceDto,
            HarimaJson.Default.SequenceDto,
            cancellationToken
        );

    public Task<SequenceDto> CloseSequenceAsync(
        string proposal,
        string sequence,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            One(proposal, sequence) + "/close",
            null,
            HarimaJson.Default.SequenceDto,
            cancellationToken
        );

    public async Task DeleteSequenceAsync(string proposal, string sequence, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Delete, One(proposal, sequence), null, cancellationToken)).Dispose();

    /// <summary>Every file of a sequence whose path begins so.</summary>
    public IAsyncEnumerable<FileDto> ListFilesAsync(
        string proposal,
        string sequence,
        string prefix,
        CancellationToken cancellationToken
    ) => ListPagesAsync(One(proposal, sequence), prefix, cancellationToken);

    /// <summary>Every file of a workspace whose key begins so.</summary>
    public IAsyncEnumerable<FileDto> ListWorkspaceFilesAsync(
        string workspace,
        string prefix,
        CancellationToken cancellationToken
    ) => ListPagesAsync("/workspaces/" + Segment(workspace), prefix, cancellationToken);

    /// <summary>Whether a text may be stored as metadata, and what is wrong with it where.</summary>
    public Task<MetadataCheckDto> CheckMetadataAsync(HttpContent json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "/metadata/check", json, HarimaJson.Default.MetadataCheckDto, cancellationToken);

    public async Task PutMetadataAsync(
        string proposal,
        string sequence,
        string kind,
        HttpContent json,
        CancellationToken cancellationToken
    ) =>
        (
            await SendAsync(HttpMethod.Put, $"{One(proposal, sequence)}/metadata/{kind}", json, cancellationToken)
        ).Dispose();

    public Task<ExtractionDto> GetProposedMetadataAsync(
        string proposal,
        string sequence,
        CancellationToken cancellationToken
    ) => GetAsync(One(proposal, sequence) + "/metadata/proposed", HarimaJson.Default.ExtractionDto, cancellationToken);

    public async Task ReadProposedMetadataAsync(
        string proposal,
        string sequence,
        CancellationToken cancellationToken
    ) =>
        (
            await SendAsync(
                HttpMethod.Post,
                One(proposal, sequence) + "/metadata/proposed/read",
                null,
                cancellationToken
            )
        ).Dispose();

    public Task<AcceptedDto> AcceptProposedMetadataAsync(
        string proposal,
        string sequence,
        AcceptRequest request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            One(proposal, sequence) + "/metadata/proposed/accept",
            request,
            HarimaJson.Default.AcceptRequest,
            HarimaJson.Default.AcceptedDto,
            cancellationToken
        );

    /// <param name="undo">Propose again what was dismissed.</param>
    public Task<DismissedDto> DismissProposedMetadataAsync(
        string proposal,
        string sequence,
        DismissRequest request,
        bool undo,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            One(proposal, sequence) + "/metadata/proposed/" + (undo ? "propose-again" : "dismiss"),
            request,
            HarimaJson.Default.DismissRequest,
            HarimaJson.Default.DismissedDto,
            cancellationToken
        );

    /// <returns>The text, and what the format has no place for.</returns>
    public async Task<(string Text, IReadOnlyList<string> NotCarried)> ExportMetadataAsync(
        string proposal,
        string sequence,
        string format,
        CancellationToken cancellationToken
    )
    {
        using var response = await SendAsync(
            HttpMethod.Get,
            One(proposal, sequence) + "/metadata/export" + Query(("format", format)),
            null,
            cancellationToken
        );
        var notCarried = response.Headers.TryGetValues("Harima-Not-Carried", out var told)
            ? System.Text.Json.JsonSerializer.Deserialize(told.First(), HarimaJson.Default.IReadOnlyListString) ?? []
            : [];
        return (await response.Content.ReadAsStringAsync(cancellationToken), notCarried);
    }

    public Task<ImportedMetadataDto> ImportMetadataAsync(
        string proposal,
        string sequence,
        string format,
        HttpContent text,
        bool trial,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            One(proposal, sequence) + "/metadata/import" + Query(("format", format), ("trial", trial ? "true" : null)),
            text,
            HarimaJson.Default.ImportedMetadataDto,
            cancellationToken
        );

    public Task<PageDto<SampleDto>> ListSamplesAsync(
        string? proposal,
        string? text,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            "/samples" + Query(("proposal", proposal), ("text", text), ("limit", "200")),
            HarimaJson.Default.PageDtoSampleDto,
            cancellationToken
        );

    public Task<SampleDetailDto> GetSampleAsync(string sample, CancellationToken cancellationToken) =>
        GetAsync("/samples/" + Segment(sample), HarimaJson.Default.SampleDetailDto, cancellationToken);

    public Task<SampleDto> CreateSampleAsync(
        string proposal,
        PutSampleDto request,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Post,
            $"/proposals/{Segment(proposal)}/samples",
            request,
            HarimaJson.Default.PutSampleDto,
            HarimaJson.Default.SampleDto,
            cancellationToken
        );

    public async Task SetSequenceSampleAsync(
        string proposal,
        string sequence,
        string sample,
        bool refers,
        CancellationToken cancellationToken
    ) =>
        (
            await SendAsync(
                refers ? HttpMethod.Put : HttpMethod.Delete,
                $"{One(proposal, sequence)}/samples/{Segment(sample)}",
                null,
                cancellationToken
            )
        ).Dispose();

    public Task<AccessDto> GetAccessAsync(string proposal, string sequence, CancellationToken cancellationToken) =>
        GetAsync(One(proposal, sequence) + "/access", HarimaJson.Default.AccessDto, cancellationToken);

    public Task<SharedDto> ShareAsync(
        string proposal,
        string sequence,
        string user,
        AccessRight right,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Put,
            $"{One(proposal, sequence)}/access/{Segment(user)}",
            new ShareRequest(right),
            HarimaJson.Default.ShareRequest,
            HarimaJson.Default.SharedDto,
            cancellationToken
        );

    public Task<VisibilityDto> SetVisibilityAsync(
        string proposal,
        string sequence,
        SequenceVisibility visibility,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Put,
            One(proposal, sequence) + "/visibility",
            new VisibilityDto(visibility),
            HarimaJson.Default.VisibilityDto,
            HarimaJson.Default.VisibilityDto,
            cancellationToken
        );

    async IAsyncEnumerable<FileDto> ListPagesAsync(
        string place,
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? after = null;
        do
        {
            var page = await GetAsync(
                place + "/files" + Query(("prefix", prefix), ("after", after), ("limit", "1000")),
                HarimaJson.Default.PageDtoFileDto,
                cancellationToken
            );
            foreach (var file in page.Items)
                yield return file;
            after = page.Next;
        } while (after is not null);
    }

    static string One(string proposal, string sequence) =>
        $"/proposals/{Segment(proposal)}/sequences/{Segment(sequence)}";

    static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Which sequences to list; null for all.</summary>
public sealed record SequenceSearch(
    string? Proposal = null,
    string? Beamline = null,
    string? Owner = null,
    string? State = null,
    string? Text = null,
    string? Sort = null
);

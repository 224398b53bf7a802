using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Harima.Rest;

/// <summary>The server refused, and said why.</summary>
public sealed class RefusedException(ProblemDto problem) : Exception(problem.Detail)
{
    public ProblemDto Problem { get; } = problem;
}

/// <summary>A client of the REST surface: one method for each route the command line needs.</summary>
/// <param name="portal">The portal's address.</param>
/// <param name="token">Null for nobody.</param>
public sealed partial class HarimaClient(HttpClient http, Uri portal, string? token)
{
    readonly string _root = portal.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/api/v1";

    Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, type, cancellationToken);

    Task<T> SendAsync<T, TBody>(
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    ) => SendAsync(method, path, JsonContent.Create(body, bodyType), type, cancellationToken);

    async Task<T> SendAsync<T>(
        HttpMethod method,
        string path,
        HttpContent? body,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using var response = await SendAsync(method, path, body, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken)
                ?? throw new JsonException("The answer is empty.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{_root}{path} answered something else than Harima does.", fault);
        }
    }

    async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? body,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, _root + path) { Content = body };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await http.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw new RefusedException(await ReadProblemAsync(response, cancellationToken));
    }

    static async Task<ProblemDto> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
                return (await response.Content.ReadFromJsonAsync(HarimaJson.Default.ProblemDto, cancellationToken))!;
        }
        catch (JsonException)
        {
            // Not ours: the status has to do.
        }
        var status = (int)response.StatusCode;
        var detail =
            response.StatusCode == HttpStatusCode.NotFound
                ? "There is no Harima at this address."
                : FormattableString.Invariant($"The server answered {status} {response.ReasonPhrase}.");
        return new ProblemDto(
            "about:blank",
            "Refused",
            status,
            detail,
            FormattableString.Invariant($"status-{status}")
        );
    }

    static string Segment(string text) => Uri.EscapeDataString(text);

    static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
                query
                    .Append(query.Length == 0 ? '?' : '&')
                    .Append(name)
                    .Append('=')
                    .Append(Uri.EscapeDataString(value));
        }
        return query.ToString();
    }
}

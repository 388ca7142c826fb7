using CsCheck;
using Sightline.Imaging;
using Sightline.Runtime;

namespace Sightline.Tests;

public class ModelContractTests
{
    private static readonly ModelContract contract = TinyClassifier.Random(1).Contract();

    [Fact]
    public void JsonReadsBackToAnEqualContract() =>
        Gen.Select(Gen.String, Gen.String[1, 20].HashSet[1, 9], Gen.Float[0.01f, 2].Array[3], Gen.Int[1, 300]).Sample((network, classes, std, side) =>
        {
            var c = contract with
            {
                Network = Valid(network),
                Classes = [.. classes.Select((name, i) => $"{Valid(name)} {i}")],
                Preprocessing = new Preprocessing(side, side + 1, ResizeRule.Letterbox, 0, [0.1f, 1f / 3, 0.5f], std),
            };
            Assert.Equal(c, ModelContract.FromJson(c.ToJson(), "x"));
        }, iter: 200);

    [Fact]
    public void PriorAndWeightsStandInTheContract()
    {
        double[] third = [1 / 3.0, 1 / 3.0, 1 / 3.0, 0, 0], offsets = [0.1, -1.0 / 7, 0, 1, 2];
        Assert.Equal(5, contract.Classes.Count);
        foreach (var decision in (ContractDecision[])[new(third, offsets, offsets, offsets), new(null, null, third, offsets), new(third, third, null, offsets)])
        {
            ModelContract c = contract with { Decision = decision };
            Assert.Equal(c, ModelContract.FromJson(c.ToJson(), "x"));
            Assert.NotEqual(contract, c);
            Assert.NotEqual(c, c with { Decision = decision with { Offsets = [0, 0, 0, 0, 1] } });
        }
        // A file without them is as it always was.
        Assert.DoesNotContain("decision", contract.ToJson());
        string json = (contract with { Decision = new(null, null, null, offsets) }).ToJson();
        foreach ((string from, string to) in ((string, string)[])[("0.1,", ""), ("\"offsets\"", "\"offset\""), ("\"weights\": null", "\"weights\": [1]"), ("0.1,", "\"x\",")])
            Assert.Equal("contract-invalid", Assert.Throws<BadInputException>(() => ModelContract.FromJson(json.Replace(from, to), "model.onnx")).Code);
    }

    /// <summary>Half a surrogate pair is no text.</summary>
    private static string Valid(string text) => new([.. text.Where(ch => !char.IsSurrogate(ch))]);

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "contract-version")]
    [InlineData("\"classification\"", "\"detection\"", "contract-invalid")]
    [InlineData("\"class 1\"", "\"class 0\"", "contract-invalid")]
    [InlineData("\"classes\"", "\"klasses\"", "contract-invalid")]
    [InlineData("\"logits\"", "null", "contract-invalid")]
    [InlineData("\"std\"", "\"deviation\"", "preprocessing-invalid")]
    [InlineData("}", "", "contract-invalid")]
    public void NonsenseIsRefusedByName(string from, string to, string code)
    {
        string json = contract.ToJson();
        Assert.Contains(from, json);
        var error = Assert.Throws<BadInputException>(() => ModelContract.FromJson(json.Replace(from, to), "model.onnx"));
        Assert.Equal(code, error.Code);
        Assert.Contains("model.onnx", error.Message);
    }
}

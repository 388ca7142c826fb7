using Google.Protobuf;
using Onnx;

namespace Sightline.Onnx.Writing;

/// <summary>The value of an ONNX node's attribute: an integer, a float, a text, or a list of integers.</summary>
internal readonly struct AttributeValue
{
    private readonly AttributeProto proto;

    private AttributeValue(AttributeProto proto) => this.proto = proto;

    /// <summary>An integer.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(long value) => new(new AttributeProto { Type = AttributeProto.Types.AttributeType.Int, I = value });

    /// <summary>A float; ONNX attributes have no doubles.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(double value) =>
        new(new AttributeProto { Type = AttributeProto.Types.AttributeType.Float, F = (float)value });

    /// <summary>A text.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator AttributeValue(string value) =>
        new(new AttributeProto { Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    /// <summary>A list of integers.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator AttributeValue(long[] values)
    {
        var proto = new AttributeProto { Type = AttributeProto.Types.AttributeType.Ints };
        proto.Ints.AddRange(values);
        return new AttributeValue(proto);
    }

    /// <summary>The attribute under a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The schema's message.</returns>
    public AttributeProto Named(string name)
    {
        AttributeProto named = proto.Clone();
        named.Name = name;
        return named;
    }
}
